"""The dates of schedules, as far as expressions and conditions let them pass."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kapell import InvalidFlow, next_dates
from kapell.errors import RenderError
from kapell.expr import Env
from kapell.services.scheduler.dates import Dates, read_schedule

SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"
START = datetime(2025, 1, 15, 10, 20, 30, tzinfo=UTC)


def schedule(cron: str = "0 9 * * *", **given: object) -> dict[str, object]:
    return {"type": SCHEDULE, "cron": cron, **given}


def days(trigger: dict[str, object], count: int = 3) -> list[str]:
    return [moment.strftime("%d.%m.%Y") for moment in next_dates(trigger, START, count)]


def test_a_schedule_without_conditions_has_all_its_dates() -> None:
    assert next_dates(schedule(timezone="Europe/Paris"), START, 1)[0].isoformat() == "2025-01-16T09:00:00+01:00"
    assert days(schedule()) == ["16.01.2025", "17.01.2025", "18.01.2025"]
    assert next_dates(schedule(), START, 0) == []


def test_only_dates_that_pass_the_expression_are_dates() -> None:
    assert days(schedule(when="{{ isWeekend(trigger.date) }}"), 2) == ["18.01.2025", "19.01.2025"]


def test_an_expression_sees_the_dates_around_in_the_zone_of_the_trigger() -> None:
    seen = "{{ trigger.previous ~ trigger.next ~ schedule.date == wanted }}".replace(
        "wanted", "'2025-01-31T00:00:00+01:002025-02-28T00:00:00+01:002025-02-15T00:00:00+01:00'"
    )
    assert days(schedule("0 0 15,L * *", timezone="Europe/Paris", when=seen), 1) == ["15.02.2025"]


def test_conditions_see_the_date_in_the_time_zone_of_the_server() -> None:
    monday = {"type": "io.kestra.plugin.core.condition.DayWeek", "dayOfWeek": "MONDAY"}
    assert days(schedule("30 0 * * *", timezone="Europe/Paris", conditions=[monday]), 1) == ["21.01.2025"]


def test_a_date_passes_where_its_expression_can_not_be_evaluated() -> None:
    assert days(schedule(when="{{ nope }}"), 1) == ["16.01.2025"]
    dates = Dates(read_schedule(schedule(when="{{ nope }}")), Env(now=lambda: START))
    with pytest.raises(RenderError):
        dates.fires_at(datetime(2025, 1, 16, 9, tzinfo=UTC))


def test_an_expression_sees_what_is_given_beside_the_dates() -> None:
    trigger = read_schedule(schedule(when="{{ dayOfMonth(trigger.date) == inputs.day }}"))
    dates = Dates(trigger, Env(now=lambda: START), {"inputs": {"day": 20}})
    assert dates.after(START) == datetime(2025, 1, 20, 9, tzinfo=UTC)
    assert dates.fires_at(datetime(2025, 1, 20, 9, tzinfo=UTC))
    assert not dates.fires_at(datetime(2025, 1, 21, 9, tzinfo=UTC))


@pytest.mark.parametrize("cron", ["* * * * *", "0 0 1 1 *"])
def test_what_never_passes_is_given_up(cron: str) -> None:
    assert next_dates(schedule(cron, when="{{ false }}"), START, 1) == []


def test_a_bad_trigger_is_refused_as_the_check_of_its_flow_would() -> None:
    with pytest.raises(
        InvalidFlow, match="invalid cron expression 'nope': Cron expression contains 1 parts"
    ) as refused:
        next_dates(schedule("nope"), START, 1)
    assert [(problem.line, problem.path) for problem in refused.value.problems] == [(0, "triggers[schedule]")]
    with pytest.raises(InvalidFlow, match='Unrecognized field "nope"'):
        next_dates(schedule(nope=1), START, 1)
    with pytest.raises(InvalidFlow, match="does not fire at dates"):
        next_dates({"type": "io.kestra.plugin.core.trigger.Webhook", "key": "a"}, START, 1)


def test_dates_that_can_not_be_rendered_are_refused_too() -> None:
    with pytest.raises(InvalidFlow, match="Unable to find `nope`"):
        next_dates({"type": f"{SCHEDULE}OnDates", "dates": "{{ nope }}"}, START, 1)


def test_conditions_are_no_expression() -> None:
    with pytest.raises(InvalidFlow, match="is not a list"):
        next_dates(schedule(conditions="{{ trigger.date }}"), START, 1)


def test_dates_may_be_dates_of_python() -> None:
    assert next_dates({"type": f"{SCHEDULE}OnDates", "dates": [datetime(2025, 2, 1, tzinfo=UTC)]}, START, 2) == [
        datetime(2025, 2, 1, tzinfo=UTC)
    ]
