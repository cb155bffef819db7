"""`io.kestra.plugin.core.condition.Not`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import ConditionContext, ConditionType, Example, prop


class Not(ConditionType):
    """Holds where none of its conditions does."""

    conditions: Sequence[ConditionType] = prop("The conditions.", filled=True)

    aliases = (
        "io.kestra.core.models.conditions.types.NotCondition",
        "io.kestra.plugin.core.condition.NotCondition",
    )
    examples = (
        Example(
            "Neither at weekends nor on Mondays",
            "conditions:\n"
            "  - type: io.kestra.plugin.core.condition.Weekend\n"
            "  - {type: io.kestra.plugin.core.condition.DayWeek, dayOfWeek: MONDAY}",
        ),
    )

    def holds(self, ctx: ConditionContext) -> bool:
        """Ask them in turn, until one holds."""
        return not any(condition.holds(ctx) for condition in self.conditions)
