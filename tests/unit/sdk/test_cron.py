"""The cron dialect: what it reads, what it refuses, which dates it means where clocks are changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from kapell.sdk.cron import Cron, parse_cron
from kapell.sdk.zone import parse_zone

MINUTE = timedelta(minutes=1)
CHANGES = {
    "Europe/Paris": (datetime(2025, 3, 30, tzinfo=UTC), datetime(2025, 10, 26, tzinfo=UTC)),
    "America/New_York": (datetime(2025, 3, 9, tzinfo=UTC), datetime(2025, 11, 2, tzinfo=UTC)),
    "America/Santiago": (datetime(2024, 9, 8, tzinfo=UTC), datetime(2025, 4, 6, tzinfo=UTC)),
    "Australia/Lord_Howe": (datetime(2025, 10, 4, tzinfo=UTC), datetime(2025, 4, 5, tzinfo=UTC)),
}


def dates(text: str, zone: str, after: str, count: int, *, with_seconds: bool = False) -> list[str]:
    cron, moment = parse_cron(text, with_seconds=with_seconds), datetime.fromisoformat(after)
    found = []
    while len(found) < count and (later := cron.after(moment, parse_zone(zone))) is not None:
        found.append(later.isoformat())
        moment = later
    return found


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("@daily", "0 0 * * *"),
        (" 0\t0  1 jan * ", "0 0 1 1 *"),
        ("0 0 * * 7", "0 0 * * SUN"),
        ("0 0 * * 6-7", "0 0 * * SAT,SUN"),
        ("0 0 * * */2", "0 0 * * 0,2,4,6"),
        ("0 0 * * 1-7/3", "0 0 * * MON,THU,SUN"),
        ("10/20 * * * *", "10,30,50 * * * *"),
        ("05 07 * * *", "5 7 * * *"),
    ],
)
def test_one_thing_can_be_said_in_several_ways(text: str, same: str) -> None:
    assert parse_cron(text) == parse_cron(same)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "invalid cron expression '': Empty expression!"),
        ("nope", "Cron expression contains 1 parts but we expect one of [5]"),
        ("@DAILY", "Cron expression contains 1 parts but we expect one of [5]"),
        ("60 * * * *", "Failed to parse cron expression. Value 60 not in range [0, 59]"),
        ("0 22-2 * * *", "Invalid range! [22,2]"),
        ("0 0 * * FRI-MON", "Invalid range! [5,1]"),
        ("*/0 * * * *", "Period 0 not in range [0, 59]"),
        ("*/x * * * *", 'For input string: "X"'),
        ("0 9- * * *", "Missing values for range: 9-"),
        ("-1 * * * *", "Negative numbers are not allowed."),
        ("0 0 * * L", "Invalid chars in expression! Expression: L Invalid chars: L"),
        ("0 0 LW * *", "Invalid chars: LW"),
        ("0 0 L-31 * *", "does not count from the end of the month"),
        ("0 0 3 * ?", "Invalid expression: ?"),
        ("0 1,,2 * * *", "Invalid chars in expression!"),
        ("99999999999999999999 * * * *", "For input string"),
    ],
)
def test_what_is_no_cron_expression_is_refused_with_the_reason(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="invalid cron expression") as refused:
        parse_cron(text)
    assert sentence in str(refused.value)


def test_a_field_for_seconds_comes_first_and_only_if_asked_for() -> None:
    assert dates("*/30 * * * * *", "UTC", "2025-01-15T10:20:30Z", 2, with_seconds=True) == [
        "2025-01-15T10:21:00+00:00",
        "2025-01-15T10:21:30+00:00",
    ]
    assert parse_cron("@hourly", with_seconds=True) == parse_cron("@hourly")
    with pytest.raises(ValueError, match="contains 5 parts but we expect one of \\[6\\]"):
        parse_cron("* * * * *", with_seconds=True)


def test_either_of_day_and_weekday_is_enough_where_both_are_given() -> None:
    assert dates("0 0 15 * MON", "UTC", "2025-01-12T00:00:00Z", 3) == [
        "2025-01-13T00:00:00+00:00",
        "2025-01-15T00:00:00+00:00",
        "2025-01-20T00:00:00+00:00",
    ]


def test_the_last_days_of_a_month_are_counted_from_its_end() -> None:
    assert dates("0 0 L,L-1 2 *", "UTC", "2024-02-01T00:00:00Z", 3) == [
        "2024-02-28T00:00:00+00:00",
        "2024-02-29T00:00:00+00:00",
        "2025-02-27T00:00:00+00:00",
    ]


def test_what_never_comes_has_no_dates_and_a_leap_day_may_be_eight_years_away() -> None:
    assert dates("0 0 30 2 *", "UTC", "2025-01-01T00:00:00Z", 1) == []
    assert dates("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1) == ["2104-02-29T00:00:00+00:00"]
    assert parse_cron("0 0 30 2 *").before(datetime(2025, 1, 1, tzinfo=UTC), UTC) is None
    assert dates("0 0 1 1 *", "UTC", "9999-12-31T00:00:00Z", 1) == []


def test_an_hour_that_comes_twice_is_compared_as_instants() -> None:
    first, second, third = (
        datetime.fromisoformat(text) for text in dates("0,30 2 26 10 *", "Europe/Paris", "2025-01-01T00:00:00Z", 3)
    )
    assert [moment.utcoffset() for moment in (first, second, third)] == [MINUTE * 120, MINUTE * 120, MINUTE * 60]
    assert first < second < third
    assert parse_cron("0,30 2 26 10 *").before(third, parse_zone("Europe/Paris")) == second


minutes = st.sampled_from(["*", "*/7", "0", "30", "15,45", "10-40/15", "59"])
hours = st.sampled_from(["*", "*/2", "0", "1", "2", "2,3", "0-3", "1/1"])


@settings(max_examples=30, deadline=None)
@given(zone=st.sampled_from(sorted(CHANGES)), which=st.booleans(), minute=minutes, hour=hours, weekday=st.booleans())
def test_where_clocks_are_changed_the_dates_are_those_found_by_looking_at_every_minute(
    zone: str, which: bool, minute: str, hour: str, weekday: bool
) -> None:
    cron = parse_cron(f"{minute} {hour} * * {'0,1' if weekday else '*'}")
    start = CHANGES[zone][which] - timedelta(days=1)
    end = start + timedelta(days=3)
    expected = list(every_minute(cron, zone, start, end))
    found, moment = [], start
    while (moment := cron.after(moment, parse_zone(zone))) is not None and moment < end:
        found.append(moment)
    assert found == expected
    for earlier, later in pairwise(found[-40:]):
        assert cron.before(later, parse_zone(zone)) == earlier
        assert cron.before(later - timedelta(microseconds=1), parse_zone(zone)) == earlier


def every_minute(cron: Cron, zone: str, start: datetime, end: datetime) -> Iterator[datetime]:
    while (start := start + MINUTE) < end:
        local = start.astimezone(parse_zone(zone))
        on_day = cron.weekdays is None or local.isoweekday() % 7 in cron.weekdays
        if on_day and local.hour in cron.hours and local.minute in cron.minutes and not (cron.once and local.fold):
            yield start


def field(first: int, last: int) -> st.SearchStrategy[str]:
    pairs = st.lists(st.integers(first, last), min_size=2, max_size=2, unique=True).map(sorted)
    spans = pairs.map(lambda pair: f"{pair[0]}-{pair[1]}")
    steps = st.tuples(spans, st.integers(1, last)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    part = st.one_of(st.integers(first, last).map(str), spans, steps)
    return st.lists(part, min_size=1, max_size=3).map(",".join)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(st.just("*"), field(0, 59)),
    st.one_of(st.just("*"), field(0, 23)),
    st.one_of(st.just("*"), st.just("L"), field(1, 28)),
    st.one_of(st.just("*"), field(1, 12)),
    st.one_of(st.sampled_from(["*", "0", "7", "SUN,TUE"]), field(1, 6)),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
)
def test_where_the_dialects_agree_the_dates_are_those_of_another_library(
    minute: str, hour: str, day: str, month: str, weekday: str, start: datetime
) -> None:
    text = f"{minute} {hour} {day} {month} {weekday}"
    other = CronSim(text, start)
    cron, moment = parse_cron(text), start
    for _ in range(5):
        moment = cron.after(moment, UTC)
        assert moment == next(other)
