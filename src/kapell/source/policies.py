"""What a flow says about its executions as a whole: how many at once, how long, under which conditions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal, cast

from kapell.model.flow import Concurrency
from kapell.sdk.duration import parse_duration
from kapell.source.fields import NOT_EMPTY, NOT_NULL, Fields
from kapell.source.nodes import is_expression, plain

Behavior = Literal["QUEUE", "CANCEL", "FAIL"]
_SLA_NEEDS = {"MAX_DURATION": "duration", "EXECUTION_ASSERTION": "assert"}
_STYLES = ("ERROR", "SUCCESS", "WARNING", "INFO")
_CHECK_BEHAVIORS = ("BLOCK_EXECUTION", "FAIL_EXECUTION", "CREATE_EXECUTION")


def read_concurrency(flow: Fields) -> Concurrency | None:
    """The limit of executions that run at the same time."""
    node = flow.map_of("concurrency")
    if node is None:
        return None
    fields = Fields(node, flow.place.key("concurrency"), flow.findings)
    if fields.node("limit") is None:
        fields.wrong("limit", NOT_NULL, "missing")
    limit = fields.integer("limit", least=1)
    behavior = fields.choice("behavior", ("QUEUE", "CANCEL", "FAIL"), "QUEUE")
    fields.refuse_unknown("io.kestra.core.models.flows.Concurrency")
    return None if limit is None else Concurrency(limit, cast(Behavior, behavior))


def read_slas(flow: Fields) -> tuple[Mapping[str, object], ...]:
    """What is promised about each execution, as it is written."""
    return tuple(_sla(Fields(node, place, flow.findings)) for node, place in flow.maps("sla"))


def _sla(fields: Fields) -> Mapping[str, object]:
    _filled(fields, "id")
    kind = fields.text("type")
    if kind not in _SLA_NEEDS:
        remedy = f"write one of {', '.join(_SLA_NEEDS)}"
        fields.wrong("type", f"Invalid type: {kind or '<null>'}", "unknown-type", remedy)
    elif kind == "MAX_DURATION":
        fields.required_text("duration")
        _duration(fields, "duration")
    else:
        _filled(fields, "assert")
    if fields.node("behavior") is None:
        fields.wrong("behavior", NOT_NULL, "missing")
    fields.choice("behavior", ("FAIL", "CANCEL", "NONE"))
    fields.raw("labels")
    fields.refuse_unknown("io.kestra.core.models.flows.sla.SLA")
    return _written(fields)


def read_checks(flow: Fields) -> tuple[Mapping[str, object], ...]:
    """What must hold before an execution is made, as it is written."""
    return tuple(_check(Fields(node, place, flow.findings)) for node, place in flow.maps("checks"))


def _check(fields: Fields) -> Mapping[str, object]:
    # Kestra: `when` was called `condition`.
    fields.known.add("condition")
    _filled(fields, "when" if "when" in fields.map.entries or "condition" not in fields.map.entries else "condition")
    if not fields.text("message"):
        fields.wrong("message", NOT_EMPTY, "missing")
    fields.choice("style", _STYLES)
    fields.choice("behavior", _CHECK_BEHAVIORS)
    fields.refuse_unknown("io.kestra.core.models.flows.check.Check")
    return _written(fields)


def _duration(fields: Fields, key: str) -> None:
    text = fields.text(key)
    if text is None or is_expression(text):
        return
    try:
        if parse_duration(text) <= timedelta():
            fields.wrong(key, "must be positive")
    except ValueError as error:
        fields.wrong(key, str(error))


def _filled(fields: Fields, key: str) -> None:
    """A text that must be there and hold something."""
    if fields.node(key) is None:
        fields.wrong(key, NOT_NULL, "missing")
    if not fields.text(key):
        fields.wrong(key, NOT_EMPTY, "missing")


def _written(fields: Fields) -> Mapping[str, object]:
    value = plain(fields.map)
    return value if isinstance(value, dict) else {}
