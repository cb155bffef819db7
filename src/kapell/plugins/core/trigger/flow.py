"""`io.kestra.plugin.core.trigger.Flow`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Literal

from kapell.plugins.core.condition.execution_flow import ExecutionFlow
from kapell.plugins.core.condition.multiple_condition import MultipleCondition
from kapell.plugins.core.trigger._dependency import Dependency, Preconditions, Where, filter_problems
from kapell.sdk import (
    ConditionContext,
    ConditionType,
    Days,
    Example,
    Gate,
    ListeningTrigger,
    State,
    Trigger,
    Window,
    prop,
    truthy,
)
from kapell.sdk.window import time_window_problems, window_problems

Mode = Literal["ALL", "ANY", "AT_LEAST"]
_HEARD = frozenset({*(state for state in State if state.ended), State.PAUSED})


class Flow(ListeningTrigger):
    """Start the flow when executions of other flows reach a state.

    `trigger` has `executionId`, `namespace`, `flowId`, `flowRevision`, `state`, `executionLabels`, `startDate`,
    `endDate`, `lastTaskId` and `firstFailedTaskId` of the execution that fired it, the last of several, and the
    `outputs` of all of them. Its expressions also see `flow`, `execution` and `labels` of that execution.
    """

    states: Sequence[State] = prop("The states that it hears of; all final ones and PAUSED by default.", default=())
    depends_on: Sequence[Dependency] = prop("Executions that are waited for; any by default.", default=())
    mode: Mode = prop("Whether ALL of them must have come, or ANY of them, or AT_LEAST `minSatisfied`.", default="ALL")
    min_satisfied: int | None = prop("How many must have come, with AT_LEAST.", default=None)
    window: Window | None = prop("Within which time they must come; a day from midnight by default.", default=None)
    on_miss: Mapping[str, object] | None = prop(
        "Accepted, and without effect so far: what happens if the window ends before they have come.", default=None
    )
    preconditions: Preconditions | None = prop("What is waited for, as 1.x writes it.", default=None)
    aliases = ("io.kestra.core.models.triggers.types.Flow",)
    examples = (
        Example(
            "After another flow has succeeded",
            "inputs:\n"
            '  day: "{{ trigger.outputs.day }}"\n'
            "dependsOn:\n"
            "  - {namespace: company.team, flowId: extract, states: [SUCCESS]}",
        ),
        Example(
            "On any failure in a namespace",
            "states: [FAILED, WARNING]\nwhen: \"{{ flow.namespace | startsWith('company') }}\"",
        ),
    )

    @classmethod
    def check(cls, trigger: Trigger) -> Iterable[tuple[str, str]]:
        """Look at how many are waited for, and at the windows."""
        given = trigger.properties
        least, waited = given.get("min_satisfied"), given.get("depends_on")
        if isinstance(least, int) and least < 1:
            yield "minSatisfied", "must be greater than 0"
        if given.get("mode") == "AT_LEAST":
            yield from _too_many(least, len(waited) if isinstance(waited, list | tuple) else None)
        if isinstance(window := given.get("window"), Mapping):
            yield from ((f"window.{path}".rstrip("."), message) for path, message in window_problems(window))
        preconditions = given.get("preconditions")
        if not isinstance(preconditions, Mapping):
            return
        yield from filter_problems(preconditions)
        if isinstance(window := preconditions.get("timeWindow"), Mapping):
            place = "preconditions.timeWindow"
            yield from ((f"{place}.{path}".rstrip("."), message) for path, message in time_window_problems(window))

    def heard_states(self) -> frozenset[State]:
        """Those that are given, or else all final ones and PAUSED."""
        return frozenset(map(State, self.states)) or _HEARD

    def flow_ids(self) -> frozenset[str] | None:
        """Those that it names, in a condition that must hold or wherever it waits for something."""
        named = [condition.flow_id for condition in self.conditions if isinstance(condition, ExecutionFlow)]
        if named:
            return frozenset(named[:1])
        awaited = [getattr(item, "flow_id", None) for item in self.waits_for().values()]
        return frozenset(map(str, awaited)) if awaited and None not in awaited else None

    def names(self, namespace: str, flow_id: str) -> bool:
        """Whether a dependency has this flow's id."""
        found = (item for item in self.waits_for().values() if isinstance(item, Dependency))
        return any(item.flow_id == flow_id and item.namespace in (None, namespace) for item in found)

    def hears(self, ctx: ConditionContext) -> bool:
        """Whether an execution in its present state is to be looked at; raises as conditions do."""
        wanted = ctx.of_execution()["state"] in self.heard_states()
        prompt = (condition for condition in self.conditions if not list(_windowed(condition)))
        return wanted and truthy(self.when.value(ctx.render)) and all(found.holds(ctx) for found in prompt)

    def passes(self, ctx: ConditionContext) -> bool:
        """Whether the conditions that look at time windows hold, too."""
        return all(condition.holds(ctx) for condition in self.conditions if list(_windowed(condition)))

    def gates(self) -> Mapping[str, Gate]:
        """What it waits for, and that of each MultipleCondition by its id."""
        found: dict[str, Gate] = {}
        if waited := self.waits_for():
            given = self.preconditions
            window = (given.time_window if given else None) or self.window or (Days() if len(waited) > 1 else None)
            resets = given is None or given.reset_on_success
            found[""] = Gate(waited, self._least(len(waited)), window, resets, getattr(window, "fire_once", False))
        for condition in self.conditions:
            found |= {one.id: _gate(one) for one in _windowed(condition)}
        return found

    def waits_for(self) -> Mapping[str, Dependency | Where]:
        """What must come, by a name that lasts as long as the flow's revision; nothing: each execution will do."""
        found: dict[str, Dependency | Where] = {f"dependsOn[{n}]": item for n, item in enumerate(self.depends_on)}
        if self.preconditions is not None:
            found |= {f"flows[{n}]": item for n, item in enumerate(self.preconditions.flows)}
            found |= {item.id: item for item in self.preconditions.where}
        return found

    def satisfied(self, come: Collection[str]) -> bool:
        """Whether enough has come within the window, by the names of `waits_for`."""
        wanted = self.waits_for().keys()
        return len(wanted & set(come)) >= self._least(len(wanted))

    def _least(self, count: int) -> int:
        return {"ALL": count, "ANY": min(1, count)}.get(self.mode, self.min_satisfied or 0)


def _windowed(condition: ConditionType) -> Iterator[MultipleCondition]:
    """The MultipleConditions that it is, or has inside."""
    if isinstance(condition, MultipleCondition):
        yield condition
        return
    inside: object = getattr(condition, "conditions", ())
    for one in inside if isinstance(inside, list | tuple) else ():
        yield from _windowed(one)


def _gate(condition: MultipleCondition) -> Gate:
    days = Days(condition.window or timedelta(days=1), condition.window_advance or timedelta())
    window = condition.time_window or days
    return Gate(condition.conditions, len(condition.conditions), window, condition.reset_on_success)


def _too_many(least: object, waited: int | None) -> Iterable[tuple[str, str]]:
    if not isinstance(least, int):
        yield "", "`minSatisfied` must be set when mode is AT_LEAST"
    elif waited is not None and least > waited:
        yield "", f"`minSatisfied` cannot be greater than the number of `dependsOn` conditions ({waited})"
