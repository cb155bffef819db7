"""`io.kestra.plugin.core.trigger.Schedule`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from kapell.sdk import ConditionType, Example, Render, ScheduleTrigger, Trigger, parse_cron, prop
from kapell.sdk.window import duration_problem


class Schedule(ScheduleTrigger):
    """Start the flow at the dates of a cron expression.

    A local time that the time zone skips is left out; one that comes twice counts once if hour and minute are single
    numbers. `trigger.date`, `trigger.next` and `trigger.previous` are there for inputs and expressions.
    """

    cron: str = prop(
        "Minute, hour, day of month, month, day of week: `*`, numbers, names, ranges, lists, steps, `L` for a month's "
        "last day; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. Where both days are given, either will do."
    )
    with_seconds: bool = prop("Whether a field for seconds comes first.", default=False)
    late_maximum_delay: timedelta | None = prop("A date that is later than this is left out.", default=None)
    conditions: Sequence[ConditionType] = prop(
        "Conditions that must all hold; `when` says the same shorter.", default=(), aliases=("scheduleConditions",)
    )
    backfill: Mapping[str, object] | None = prop(
        "Deprecated and without effect: a backfill is started from outside.", default=None
    )

    aliases = ("io.kestra.core.models.triggers.types.Schedule",)
    examples = (
        Example("Every quarter of an hour", 'cron: "*/15 * * * *"'),
        Example(
            "At nine in Paris, on the first Monday of a month",
            'cron: "0 9 * * MON"\n'
            "timezone: Europe/Paris\n"
            "when: \"{{ isDayWeekInMonth(trigger.date, 'MONDAY', 'FIRST') }}\"",
        ),
    )

    @classmethod
    def check(cls, trigger: Trigger) -> Iterable[tuple[str, str]]:
        """Read the expression, the time zone and the delay."""
        given = trigger.properties
        try:
            parse_cron(str(given.get("cron", "")), with_seconds=given.get("with_seconds") is True)
        except ValueError as error:
            yield "", str(error)
        yield from super().check(trigger)
        if problem := duration_problem(given.get("late_maximum_delay")):
            yield "lateMaximumDelay", problem

    def after(self, moment: datetime, zone: tzinfo, render: Render) -> datetime | None:
        """The first date of the cron expression."""
        return parse_cron(self.cron, with_seconds=self.with_seconds).after(moment, zone)

    def before(self, moment: datetime, zone: tzinfo, render: Render) -> datetime | None:
        """The last date of the cron expression."""
        return parse_cron(self.cron, with_seconds=self.with_seconds).before(moment, zone)
