"""`io.kestra.plugin.core.condition.PublicHoliday`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache

from kapell.sdk import ConditionContext, DateCondition, Example, Expression, IllegalCondition, prop


class PublicHoliday(DateCondition):
    """Holds on public holidays of a country, or of a part of it."""

    country: Expression[str] = prop("Its ISO 3166-1 code, such as `FR`.", default="US")
    sub_division: Expression[str] | None = prop("The ISO 3166-2 code of the part, such as `BY`.", default=None)

    aliases = (
        "io.kestra.core.models.conditions.types.PublicHolidayCondition",
        "io.kestra.plugin.core.condition.PublicHolidayCondition",
    )
    examples = (Example("On French holidays", "country: FR"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Look at the day as the date is written."""
        day = self.moment(ctx).date()
        division = self.sub_division.value(ctx.render) if self.sub_division else None
        return day in _holidays(self.country.value(ctx.render).upper(), (division or "").upper(), day.year)


@lru_cache(64)
def _holidays(country: str, division: str, year: int) -> Collection[date]:
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, subdiv=division or None, years=year))
    except NotImplementedError as error:
        raise IllegalCondition(f"No such country or part of it is known: {error}") from None
