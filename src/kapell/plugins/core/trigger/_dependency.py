"""What a Flow trigger waits for: executions, told by their flow, state and labels, or by filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from kapell.sdk import ConditionContext, Expression, Part, State, TimeWindow, prop, read_labels, truthy
from kapell.sdk.pattern import java_pattern

MATCH_SECONDS = 1.0

Field = Literal["FLOW_ID", "NAMESPACE", "STATE", "EXPRESSION"]
Comparison = Literal[
    "EQUAL_TO",
    "NOT_EQUAL_TO",
    "IN",
    "NOT_IN",
    "IS_TRUE",
    "IS_FALSE",
    "IS_NULL",
    "IS_NOT_NULL",
    "STARTS_WITH",
    "ENDS_WITH",
    "REGEX",
    "CONTAINS",
]


def _fits(pattern: str, text: str) -> bool:
    """Whether a pattern fits the whole text; one that takes too long does not."""
    try:
        return java_pattern(pattern).fullmatch(text, timeout=MATCH_SECONDS) is not None
    except TimeoutError:
        return False


class Dependency(Part):
    """An execution that is waited for; what is not given may be anything."""

    namespace: str | None = prop("The namespace of its flow.", default=None)
    flow_id: str | None = prop("The id of its flow.", default=None)
    states: Sequence[State] = prop("The states that will do.", default=())
    labels: object = prop("Labels that it must have: a map, or a list of maps with `key` and `value`.", default={})
    when: Expression[str] = prop("An expression on it, such as `labels.team == 'a'`.", default="true")

    def holds(self, ctx: ConditionContext) -> bool:
        """Whether the execution is one of those."""
        execution = ctx.of_execution()
        return (
            self.namespace in (None, execution["namespace"])
            and self.flow_id in (None, execution["flowId"])
            and (not self.states or execution["state"] in self.states)
            and read_labels(self.labels).items() <= execution.get("labels", {}).items()
            and truthy(self.when.value(ctx.render))
        )


class Filter(Part):
    """One comparison with something of an execution."""

    field: Field = prop("What is compared.")
    type: Comparison = prop("How it is compared.")
    value: object = prop("What with; the expression where the field is EXPRESSION.", default=None)
    values: Sequence[str] = prop("What with, for IN and NOT_IN.", default=())

    def holds(self, ctx: ConditionContext) -> bool:
        """Whether it is so."""
        actual, wanted = self._actual(ctx), str(self.value)
        match self.type:
            case "EQUAL_TO" | "NOT_EQUAL_TO":
                return (actual == wanted) == (self.type == "EQUAL_TO")
            case "IN" | "NOT_IN":
                return (actual in self.values) == (self.type == "IN")
            case "IS_TRUE" | "IS_FALSE":
                return truthy(actual) == (self.type == "IS_TRUE")
            case "IS_NULL" | "IS_NOT_NULL":
                return (actual is None) == (self.type == "IS_NULL")
            case "REGEX":
                return _fits(wanted, actual or "")
            case "STARTS_WITH":
                return (actual or "").startswith(wanted)
            case "ENDS_WITH":
                return (actual or "").endswith(wanted)
        return wanted in (actual or "")

    def _actual(self, ctx: ConditionContext) -> str | None:
        execution = ctx.of_execution()
        match self.field:
            case "FLOW_ID":
                return execution["flowId"]
            case "NAMESPACE":
                return execution["namespace"]
            case "STATE":
                return execution["state"]
        found = ctx.render(self.value, False)
        return None if found is None else str(found)


def filter_problems(preconditions: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What the filters of 1.x say wrongly: paths from the trigger, and messages."""
    places = preconditions.get("where")
    for place, where in enumerate(places if isinstance(places, list | tuple) else ()):
        filters = where.get("filters") if isinstance(where, Mapping) else None
        for index, given in enumerate(filters if isinstance(filters, list | tuple) else ()):
            if isinstance(given, Mapping) and (message := _misgiven(given)):
                yield f"preconditions.where[{where.get('id') or place}].filters[{index}]", message


def _misgiven(given: Mapping[str, object]) -> str | None:
    listed = given.get("type") in ("IN", "NOT_IN")
    for key, wanted in (("value", not listed), ("values", listed)):
        if (given.get(key) is not None) != wanted:
            return f"`{key}` {'cannot' if wanted else 'must'} be null for type {given.get('type')}"
    return None


class Where(Part):
    """An execution that is waited for, told by filters."""

    id: str = prop("Its name within the trigger.", filled=True)
    operand: Literal["AND", "OR"] = prop("Whether all filters must hold or any.", default="AND")
    filters: Sequence[Filter] = prop("The filters.", filled=True)

    def holds(self, ctx: ConditionContext) -> bool:
        """Whether the execution is one of those."""
        found = (filter.holds(ctx) for filter in self.filters)
        return all(found) if self.operand == "AND" else any(found)


class Preconditions(Part):
    """What is waited for, as 1.x writes it; all of it must happen within the time window."""

    id: str = prop("Its name within the trigger.", filled=True)
    flows: Sequence[Dependency] = prop("Executions of these flows.", default=())
    where: Sequence[Where] = prop("Executions told by filters.", default=())
    time_window: TimeWindow | None = prop("The window; a day from midnight by default.", default=None)
    reset_on_success: bool = prop("Whether all must happen again before it fires once more.", default=True)
