"""The `retry` of a task or a flow."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, cast

from kapell.model.flow import Retry
from kapell.sdk.duration import parse_duration
from kapell.source.fields import NOT_NULL, Fields
from kapell.source.nodes import is_expression

Kind = Literal["constant", "exponential", "random"]
Behavior = Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"]
_BEHAVIORS = ("RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION")
_NEEDS = {
    "constant": ("interval",),
    "exponential": ("interval", "maxInterval"),
    "random": ("minInterval", "maxInterval"),
}
_LESS = (("interval", "maxDuration"), ("interval", "maxInterval"), ("minInterval", "maxInterval"))


def read_retry(fields: Fields) -> Retry | None:
    """The retry that `fields` describe; None where its type is none."""
    kind = fields.text("type")
    if kind not in _NEEDS:
        remedy = f"write one of {', '.join(_NEEDS)}"
        fields.wrong("type", f"Invalid type: {kind or '<null>'}", "unknown-type", remedy)
        return None
    spans = {key: fields.text(key) for key in ("interval", "minInterval", "maxInterval", "maxDuration")}
    for key in _NEEDS[kind]:
        if fields.node(key) is None:
            fields.wrong(key, NOT_NULL, "missing")
    _compare(fields, spans)
    retry = Retry(
        type=cast(Kind, kind),
        interval=spans["interval"],
        min_interval=spans["minInterval"],
        max_interval=spans["maxInterval"],
        max_duration=spans["maxDuration"],
        delay_factor=fields.number("delayFactor"),
        max_attempts=fields.integer("maxAttempts", "maxAttempt", least=1),
        warning_on_retry=fields.boolean("warningOnRetry"),
        behavior=cast(Behavior, fields.choice("behavior", _BEHAVIORS, _BEHAVIORS[0])),
    )
    fields.refuse_unknown(f"io.kestra.core.models.tasks.retrys.{kind.capitalize()}")
    return retry


def _compare(fields: Fields, spans: dict[str, str | None]) -> None:
    known = {key: span for key, text in spans.items() if (span := _span(fields, key, text)) is not None}
    for small, great in _LESS:
        if small in known and great in known and known[small] >= known[great]:
            rule = f"{small}LessThan{great[0].upper()}{great[1:]}"
            fields.wrong(rule, f"'{small}' must be less than '{great}'", "inconsistent")


def _span(fields: Fields, key: str, text: str | None) -> timedelta | None:
    if text is None or is_expression(text):
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        fields.wrong(key, str(error))
        return None
