"""`io.kestra.plugin.core.condition.DayWeekInMonth`."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Literal

from kapell.plugins.core.condition._weekday import WeekdayName, weekday_of
from kapell.sdk import ConditionContext, DateCondition, Example, Expression, prop

Position = Literal["FIRST", "SECOND", "THIRD", "FOURTH", "LAST"]
_POSITIONS: tuple[Position, ...] = ("FIRST", "SECOND", "THIRD", "FOURTH")


class DayWeekInMonth(DateCondition):
    """Holds on the first, second, third, fourth or last such weekday of a month."""

    day_of_week: Expression[WeekdayName] = prop("The day.")
    day_in_month: Expression[Position] = prop("Which of them.")

    aliases = (
        "io.kestra.core.models.conditions.types.DayWeekInMonthCondition",
        "io.kestra.plugin.core.condition.DayWeekInMonthCondition",
    )
    examples = (Example("On the first Monday of a month", "dayOfWeek: MONDAY\ndayInMonth: FIRST"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Look at the day as the date is written."""
        day = self.moment(ctx)
        return weekday_of(day) == self.day_of_week.value(ctx.render) and _is(day, self.day_in_month.value(ctx.render))


def _is(day: date, position: Position) -> bool:
    if position == "LAST":
        return day.day + 7 > monthrange(day.year, day.month)[1]
    return (day.day - 1) // 7 == _POSITIONS.index(position)
