"""`io.kestra.plugin.core.condition.MultipleCondition`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from kapell.sdk import ConditionContext, ConditionType, Example, TimeWindow, prop


class MultipleCondition(ConditionType):
    """Holds once all of its conditions have held within a time window, each for some execution.

    A Flow trigger's `dependsOn` says the same shorter.
    """

    id: str = prop("Its name within the trigger.", filled=True)
    conditions: Mapping[str, ConditionType] = prop("The conditions by a name of their own.", filled=True)
    time_window: TimeWindow | None = prop("The window; a day from midnight by default.", default=None, aliases=("sla",))
    window: timedelta | None = prop("The length of the window, if `timeWindow` is not given.", default=None)
    window_advance: timedelta | None = prop("How much later than midnight it begins.", default=None)
    reset_on_success: bool = prop("Whether all must hold again before it holds once more.", default=True)

    aliases = ("io.kestra.core.models.conditions.types.MultipleCondition",)
    examples = (
        Example(
            "After two flows, within half a day",
            "id: both\n"
            "window: PT12H\n"
            "conditions:\n"
            "  a: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: company.team, flowId: a}\n"
            "  b: {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: company.team, flowId: b}",
        ),
    )

    def holds(self, ctx: ConditionContext) -> bool:
        """Look at what has been found true within the window."""
        return self.conditions.keys() <= set(ctx.satisfied.get(self.id, ()))

    def met(self, ctx: ConditionContext) -> frozenset[str]:
        """The names of its conditions that hold for this execution."""
        return frozenset(name for name, condition in self.conditions.items() if condition.holds(ctx))
