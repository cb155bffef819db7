"""The triggers whose dates are known beforehand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kapell.errors import RenderError
from kapell.model.flow import Trigger
from kapell.plugins.core.trigger.schedule import Schedule
from kapell.plugins.core.trigger.schedule_on_dates import BadDates, ScheduleOnDates
from kapell.sdk.prop import by_name, unrendered
from kapell.sdk.trigger import ScheduleTrigger
from plugins.core.condition.conditions import context

NOON = datetime(2025, 1, 15, 12, tzinfo=UTC)
RENDER = context({"dates": ["2025-03-01T10:00:00Z"]}).render


def around(trigger: ScheduleTrigger, moment: datetime = NOON) -> tuple[str | None, str | None]:
    before, after = (found(moment, trigger.zone(), RENDER) for found in (trigger.before, trigger.after))
    return before and before.isoformat(), after and after.isoformat()


def test_a_schedule_has_the_dates_of_its_cron_expression_in_its_time_zone() -> None:
    schedule = Schedule.bind(by_name(Schedule, {"cron": "0 9 * * *", "timezone": "Europe/Paris"}), unrendered)
    assert around(schedule) == ("2025-01-15T09:00:00+01:00", "2025-01-16T09:00:00+01:00")


def test_listed_dates_come_in_their_order_in_time_to_the_second_and_not_twice() -> None:
    dates = ["2025-02-01T10:00:00.999+01:00", "2025-01-02T00:00:00Z", "2025-02-01T09:00:00Z", "2025-01-20T08:00:00Z"]
    trigger = ScheduleOnDates.bind({"dates": dates, "timezone": "+02:00"}, unrendered)
    found, moment = [], NOON
    while (moment := trigger.after(moment, trigger.zone(), RENDER)) is not None:
        found.append(moment.isoformat())
    assert found == ["2025-01-20T10:00:00+02:00", "2025-02-01T11:00:00+02:00"]
    assert around(trigger)[0] == "2025-01-02T02:00:00+02:00"


def test_dates_may_be_an_expression() -> None:
    assert around(ScheduleOnDates.bind({"dates": "{{ dates }}"}, unrendered)) == (None, "2025-03-01T10:00:00+00:00")
    with pytest.raises(RenderError):
        around(ScheduleOnDates.bind({"dates": "{{ nope }}"}, unrendered))


@pytest.mark.parametrize("date", ["someday", "2025-02-01T10:00:00", "2025-02-01", "2025-02-30T10:00:00Z"])
def test_a_date_needs_an_offset(date: str) -> None:
    sentence = f"Failed to evaluate schedule 'dates'. Cause: `{date}` is not a date with an offset"
    with pytest.raises(BadDates) as refused:
        around(ScheduleOnDates.bind({"dates": [date]}, unrendered))
    assert str(refused.value).startswith(sentence)
    given = {"dates": [date, "{{ later }}", "2025-02-01T10:00:00Z"]}
    (problem,) = ScheduleOnDates.check(Trigger(id="t", type="", properties=given))
    assert problem == ("dates", str(refused.value))


@pytest.mark.parametrize(
    ("given", "path", "sentence"),
    [
        (
            {"cron": "nope"},
            "",
            "invalid cron expression 'nope': Cron expression contains 1 parts but we expect one of [5]",
        ),
        ({"cron": "@daily", "timezone": ""}, "timezone", "timezone '()' is not a valid time-zone ID"),
        ({"cron": "@daily", "late_maximum_delay": "PT0S"}, "lateMaximumDelay", "must be a positive duration"),
        (
            {"cron": "@daily", "late_maximum_delay": "{{ x }}"},
            "lateMaximumDelay",
            "`{{ x }}` is not a duration such as PT30S, PT5M or P1D",
        ),
    ],
)
def test_the_checker_hears_what_does_not_fit(given: dict[str, object], path: str, sentence: str) -> None:
    assert list(Schedule.check(Trigger(id="t", type="", properties=given))) == [(path, sentence)]


def test_dates_that_are_no_list_are_none() -> None:
    (problem,) = ScheduleOnDates.check(Trigger(id="t", type="", properties={}))
    assert problem == ("dates", "must be a list of dates, or an expression that gives one")


def test_a_schedule_that_is_right_has_no_problems() -> None:
    given = {"cron": "0 0 9 * * *", "with_seconds": True, "timezone": "Europe/Paris", "late_maximum_delay": "PT1H"}
    assert list(Schedule.check(Trigger(id="t", type="", properties=given))) == []
