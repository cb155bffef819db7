"""`io.kestra.plugin.core.trigger.ScheduleOnDates`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from kapell.errors import KapellError, RenderError
from kapell.sdk import Example, Expression, Render, ScheduleTrigger, Trigger, in_zone, prop, read_moment

_HAS_ZONE = re.compile(r".*T.*(Z|[+-]\d\d(:\d\d)*)(\[.*\])?", re.IGNORECASE)


class BadDates(KapellError):
    """The dates of a trigger can't be read."""


class ScheduleOnDates(ScheduleTrigger):
    """Start the flow at dates that are listed, each once, in their order in time."""

    dates: Expression[Sequence[str]] = prop("ISO dates with an offset, or an expression that gives a list of them.")

    aliases = ("io.kestra.core.models.triggers.types.ScheduleOnDates",)
    examples = (Example("Twice", 'dates:\n  - "2030-02-01T10:00:00Z"\n  - "2030-03-01T10:00:00+01:00"'),)

    @classmethod
    def check(cls, trigger: Trigger) -> Iterable[tuple[str, str]]:
        """Read the dates that are no expressions, and the time zone."""
        yield from super().check(trigger)
        dates = trigger.properties.get("dates")
        if dates is None:
            yield "dates", "must be a list of dates, or an expression that gives one"
        for date in dates if isinstance(dates, list | tuple) else ():
            try:
                if "{{" not in str(date):
                    _read(str(date))
            except BadDates as error:
                yield "dates", str(error)

    def after(self, moment: datetime, zone: tzinfo, render: Render) -> datetime | None:
        """The next of the dates; raises `BadDates`, and `RenderError` as the expression does."""
        date = min((date for date in self._read(render) if date > moment), default=None)
        return date and in_zone(date, zone)

    def before(self, moment: datetime, zone: tzinfo, render: Render) -> datetime | None:
        """The last of the dates that is earlier; raises likewise."""
        date = max((date for date in self._read(render) if date < moment), default=None)
        return date and in_zone(date, zone)

    def _read(self, render: Render) -> list[datetime]:
        return [_read(date) for date in self.dates.value(render)]


def _read(date: str) -> datetime:
    try:
        if _HAS_ZONE.fullmatch(date):
            return read_moment(date).replace(microsecond=0)
    except RenderError:
        pass
    # Kestra: a date without an offset is none.
    cause = f"`{date}` is not a date with an offset, such as 2030-02-01T10:00:00Z"
    raise BadDates(f"Failed to evaluate schedule 'dates'. Cause: {cause}")
