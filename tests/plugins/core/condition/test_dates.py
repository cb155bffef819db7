"""Conditions on dates."""

from __future__ import annotations

import pytest

from kapell.errors import RenderError
from kapell.sdk.condition import IllegalCondition
from kapell.sdk.shape import Mismatch
from plugins.core.condition.conditions import bound, context


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ({"after": "2025-01-15T10:20:29Z"}, True),
        ({"after": "2025-01-15T10:20:30Z"}, False),
        ({"before": "2025-01-15T10:20:30Z"}, False),
        ({"before": "2025-01-15T12:20:31+02:00"}, True),
        ({"after": "2025-01-01T00:00:00Z", "before": "2025-01-10T00:00:00Z"}, False),
        ({"date": "2025-01-05T00:00:00Z", "before": "{{ limit }}"}, True),
    ],
)
def test_dates_are_compared_as_instants_without_the_ends(given: dict[str, str], holds: bool) -> None:
    assert bound("DateTimeBetween", **given).holds(context({"limit": "2025-01-10T00:00:00Z"})) is holds


@pytest.mark.parametrize(
    ("date", "given", "holds"),
    [
        ("2025-01-15T16:00:00+01:00", {"after": "16:00:00+02:00", "before": "19:00:00+02:00"}, True),
        ("2025-01-15T18:00:00+01:00", {"after": "16:00:00+02:00", "before": "19:00:00+02:00"}, False),
        ("2025-01-15T16:00:00Z", {"after": "16:00:00Z"}, False),
        ("2025-01-15T23:30:00Z", {"after": "22:00:00Z", "before": "02:00:00Z"}, False),
    ],
)
def test_times_of_day_are_compared_with_their_offsets_and_not_over_midnight(
    date: str, given: dict[str, str], holds: bool
) -> None:
    assert bound("TimeBetween", **given).holds(context(date=date)) is holds


@pytest.mark.parametrize("type", ["DateTimeBetween", "TimeBetween"])
def test_between_nothing_and_nothing_is_no_condition(type: str) -> None:
    with pytest.raises(IllegalCondition, match="no before nor after"):
        bound(type).holds(context())


def test_a_time_needs_an_offset() -> None:
    with pytest.raises(IllegalCondition, match="`16:00:00` is not a time with an offset"):
        bound("TimeBetween", after="16:00:00").holds(context())


@pytest.mark.parametrize(("day", "holds"), [("17", False), ("18", True), ("19", True), ("20", False)])
def test_the_weekend_is_two_days(day: str, holds: bool) -> None:
    assert bound("Weekend").holds(context(date=f"2025-01-{day}T23:59:59-08:00")) is holds


def test_a_weekday_is_that_of_the_date_as_it_is_written() -> None:
    monday = bound("DayWeek", dayOfWeek="{{ day }}")
    assert monday.holds(context({"day": "MONDAY"}, date="2025-01-20T00:30:00+01:00"))
    assert not monday.holds(context({"day": "MONDAY"}, date="2025-01-19T23:30:00Z"))


def test_a_weekday_has_a_name_in_capitals() -> None:
    with pytest.raises(Mismatch, match="`monday` is none of MONDAY"):
        bound("DayWeek", dayOfWeek="monday").holds(context())


@pytest.mark.parametrize(
    ("day", "position", "holds"),
    [
        ("03", "FIRST", True),
        ("10", "FIRST", False),
        ("24", "FOURTH", True),
        ("24", "LAST", False),
        ("31", "LAST", True),
        ("04", "FIRST", False),
    ],
)
def test_a_weekday_has_a_place_in_its_month(day: str, position: str, holds: bool) -> None:
    condition = bound("DayWeekInMonth", dayOfWeek="MONDAY", dayInMonth=position)
    assert condition.holds(context(date=f"2025-03-{day}T09:00:00Z")) is holds


@pytest.mark.parametrize(
    ("given", "date", "holds"),
    [
        ({"country": "FR"}, "2025-07-14", True),
        ({"country": "FR"}, "2025-07-15", False),
        ({"country": "de", "subDivision": "BY"}, "2025-01-06", True),
        ({"country": "DE", "subDivision": "BE"}, "2025-01-06", False),
        ({}, "2025-07-04", True),
    ],
)
def test_holidays_are_those_of_a_country_or_its_part(given: dict[str, str], date: str, holds: bool) -> None:
    assert bound("PublicHoliday", **given, date=date).holds(context()) is holds


def test_an_unknown_country_has_no_holidays_to_look_at() -> None:
    with pytest.raises(IllegalCondition, match="No such country"):
        bound("PublicHoliday", country="XX").holds(context())


def test_what_is_no_date_can_not_be_looked_at() -> None:
    with pytest.raises(RenderError, match="could not be parsed"):
        bound("Weekend", date="someday").holds(context())
