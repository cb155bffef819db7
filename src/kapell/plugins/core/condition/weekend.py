"""`io.kestra.plugin.core.condition.Weekend`."""

from __future__ import annotations

from kapell.sdk import ConditionContext, DateCondition, Example


class Weekend(DateCondition):
    """Holds on Saturdays and Sundays."""

    aliases = (
        "io.kestra.core.models.conditions.types.WeekendCondition",
        "io.kestra.plugin.core.condition.WeekendCondition",
    )
    examples = (Example("The day that the trigger fires", 'date: "{{ trigger.date }}"'),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Look at the day as the date is written."""
        return self.moment(ctx).isoweekday() > 5
