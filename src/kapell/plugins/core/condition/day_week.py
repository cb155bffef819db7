"""`io.kestra.plugin.core.condition.DayWeek`."""

from __future__ import annotations

from kapell.plugins.core.condition._weekday import WeekdayName, weekday_of
from kapell.sdk import ConditionContext, DateCondition, Example, Expression, prop


class DayWeek(DateCondition):
    """Holds on one day of the week."""

    day_of_week: Expression[WeekdayName] = prop("The day.")

    aliases = (
        "io.kestra.core.models.conditions.types.DayWeekCondition",
        "io.kestra.plugin.core.condition.DayWeekCondition",
    )
    examples = (Example("On Mondays", "dayOfWeek: MONDAY"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Look at the day as the date is written."""
        return weekday_of(self.moment(ctx)) == self.day_of_week.value(ctx.render)
