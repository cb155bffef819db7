"""`io.kestra.plugin.core.trigger.Flow`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from kapell.plugins.core.trigger._dependency import Dependency, Preconditions, Where
from kapell.sdk import ConditionContext, Example, Expression, State, Trigger, TriggerType, Window, prop, truthy
from kapell.sdk.window import time_window_problems, window_problems

Mode = Literal["ALL", "ANY", "AT_LEAST"]
_HEARD = frozenset({*(state for state in State if state.ended), State.PAUSED})


class Flow(TriggerType):
    """Start the flow when executions of other flows reach a state.

    `trigger` has `executionId`, `namespace`, `flowId`, `flowRevision`, `state`, `executionLabels` and `outputs` of the
    execution that fired it, the last of several.
    """

    states: Sequence[State] = prop("The states that it hears of; all final ones and PAUSED by default.", default=())
    depends_on: Sequence[Dependency] = prop("Executions that are waited for; any by default.", default=())
    mode: Mode = prop("Whether ALL of them must have come, or ANY of them, or AT_LEAST `minSatisfied`.", default="ALL")
    min_satisfied: int | None = prop("How many must have come, with AT_LEAST.", default=None)
    window: Window | None = prop("Within which time they must come; a day from midnight by default.", default=None)
    preconditions: Preconditions | None = prop("What is waited for, as 1.x writes it.", default=None)
    inputs: Expression[Mapping[str, object]] | None = prop("Inputs of the executions that it starts.", default=None)

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
        if isinstance(preconditions, Mapping) and isinstance(window := preconditions.get("timeWindow"), Mapping):
            place = "preconditions.timeWindow"
            yield from ((f"{place}.{path}".rstrip("."), message) for path, message in time_window_problems(window))

    def hears(self, ctx: ConditionContext) -> bool:
        """Whether an execution in its present state is to be looked at; raises as conditions do."""
        wanted = ctx.of_execution()["state"] in (self.states or _HEARD)
        return wanted and truthy(self.when.value(ctx.render)) and all(found.holds(ctx) for found in self.conditions)

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
        least = {"ALL": len(wanted), "ANY": min(1, len(wanted))}.get(self.mode, self.min_satisfied or 0)
        return len(wanted & set(come)) >= least


def _too_many(least: object, waited: int | None) -> Iterable[tuple[str, str]]:
    if not isinstance(least, int):
        yield "", "`minSatisfied` must be set when mode is AT_LEAST"
    elif waited is not None and least > waited:
        yield "", f"`minSatisfied` cannot be greater than the number of `dependsOn` conditions ({waited})"
