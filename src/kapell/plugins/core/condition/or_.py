"""`io.kestra.plugin.core.condition.Or`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import ConditionContext, ConditionType, Example, prop


class Or(ConditionType):
    """Holds where any of its conditions does."""

    conditions: Sequence[ConditionType] = prop("The conditions.", filled=True)

    aliases = (
        "io.kestra.core.models.conditions.types.OrCondition",
        "io.kestra.plugin.core.condition.OrCondition",
    )
    examples = (
        Example(
            "At weekends and on Mondays",
            "conditions:\n"
            "  - type: io.kestra.plugin.core.condition.Weekend\n"
            "  - {type: io.kestra.plugin.core.condition.DayWeek, dayOfWeek: MONDAY}",
        ),
    )

    def holds(self, ctx: ConditionContext) -> bool:
        """Ask them in turn, until one holds."""
        return any(condition.holds(ctx) for condition in self.conditions)
