"""Conditions: what must hold for a trigger to fire, asked about a date, an execution, a flow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import ClassVar, TypedDict

from kapell.errors import KapellError
from kapell.expr.moment import parse_iso, zone_of
from kapell.sdk.prop import Properties, prop
from kapell.sdk.shape import Expression, Plugin, Render
from kapell.sdk.task import Example


class ExecutionFacts(TypedDict, total=False):
    """What conditions ask about an execution; `attempts` has the states of the attempts of each of its task runs."""

    namespace: str
    flowId: str
    state: str
    labels: Mapping[str, str]
    outputs: Mapping[str, object]
    attempts: Sequence[Sequence[str]]


class IllegalCondition(KapellError):
    """A condition asks about something that is not there, or says nothing at all."""


@dataclass(frozen=True, slots=True)
class ConditionContext:
    """What a condition is asked about.

    `render` knows the variables, `trigger` with the outputs of the execution among them. `flow` is the one that the
    trigger stands in (`namespace`, `id`). `satisfied` are, by the id of a MultipleCondition, those of its conditions
    that have held within its time window.
    """

    render: Render
    execution: ExecutionFacts | None = None
    flow: Mapping[str, str] | None = None
    satisfied: Mapping[str, Collection[str]] = field(default_factory=dict)

    def of_execution(self) -> ExecutionFacts:
        """The execution; raises `IllegalCondition` where there is none."""
        if self.execution is None:
            raise IllegalCondition("Invalid condition with null execution")
        return self.execution


class ConditionType(Properties, Plugin):
    """A type of condition, written under `conditions` of a trigger."""

    examples: ClassVar[tuple[Example, ...]] = ()

    def holds(self, ctx: ConditionContext) -> bool:
        """Whether it does; raises `RenderError` or `IllegalCondition` where that can't be told."""
        raise NotImplementedError


class DateCondition(ConditionType):
    """A condition on a date."""

    date: Expression[str] = prop("The date to look at.", default="{{ trigger.date }}")

    def moment(self, ctx: ConditionContext) -> datetime:
        """The date, with its offset as it is written; without one it is UTC."""
        return read_moment(self.date.value(ctx.render))


def read_moment(text: str) -> datetime:
    """An ISO date with its offset; raises `RenderError`."""
    moment = parse_iso(text, zone_of("UTC"))
    return moment.local.replace(tzinfo=timezone(moment.offset))


def read_labels(labels: object) -> dict[str, str]:
    """Labels by key, from a map or a list of maps with `key` and `value`; whatever is neither has none."""
    if isinstance(labels, Mapping):
        pairs = [(str(key), value) for key, value in labels.items()]
    elif isinstance(labels, list | tuple):
        pairs = [(str(item.get("key")), item.get("value")) for item in labels if isinstance(item, Mapping)]
    else:
        pairs = []
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in pairs}
