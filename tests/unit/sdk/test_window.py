"""Time windows: what they may not say, and when they begin."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

import pytest

from kapell.sdk.prop import Properties, prop, unrendered
from kapell.sdk.shape import Part
from kapell.sdk.window import TimeWindow, Window, time_window_problems, window_problems

P = TypeVar("P", bound=Part)


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, []),
        ({"window": "PT6H", "windowAdvance": "PT3H"}, []),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"}, []),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00+01:00", "timezone": "Europe/Paris"}, []),
        ({"timezone": "EST"}, ["timezone '(EST)' is not a valid time-zone ID"]),
        ({"type": "DAILY_TIME_DEADLINE"}, ["Time window of type `DAILY_TIME_DEADLINE` must have a deadline."]),
        ({"deadline": "09:00:00"}, ["Time window of type `DURATION_WINDOW` cannot have a deadline."]),
        (
            {"type": "DAILY_TIME_WINDOW", "startTime": "9"},
            [
                "Time window of type `DAILY_TIME_WINDOW` must have an end time.",
                "`9` is not a time of day such as 09:00:00",
            ],
        ),
        ({"window": "PT0S"}, ["must be a positive duration"]),
        ({"windowAdvance": "-PT1H"}, ["must not be negative"]),
    ],
)
def test_a_window_has_what_its_type_needs_and_nothing_else(given: dict[str, str], problems: list[str]) -> None:
    assert [message for _, message in time_window_problems(given)] == problems


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"every": "P1D", "offset": "PT6H", "timezone": "Europe/Paris"}, []),
        ({"from": "09:00:00", "to": "17:00:00"}, []),
        ({"from": "09:00:00"}, [("", "Window of type `DAILY_TIME_WINDOW` must have a to time.")]),
        (
            {"deadline": "09:00:00", "every": "P1D"},
            [("", "Window of type `DAILY_TIME_DEADLINE` cannot have an every duration.")],
        ),
        (
            {"lookback": "PT1H", "offset": "PT1M"},
            [("", "Window of type `SLIDING_WINDOW` cannot have an offset.")],
        ),
        ({"lookback": "PT0S"}, [("lookback", "must be a positive duration")]),
        ({"timezone": "EST"}, [("timezone", "timezone '(EST)' is not a valid time-zone ID")]),
    ],
)
def test_the_kind_of_a_window_is_told_by_what_it_has(given: dict[str, str], problems: list[tuple[str, str]]) -> None:
    assert list(window_problems(given)) == problems


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "now", "since"),
    [
        ({}, "2026-03-04T10:20", "2026-03-04T00:00"),
        ({"every": "PT6H"}, "2026-03-04T10:20", "2026-03-04T06:00"),
        ({"every": "PT6H", "offset": "PT1H"}, "2026-03-04T00:20", "2026-03-03T19:00"),
        ({"every": "P1D", "offset": "PT6H"}, "2026-03-04T05:59", "2026-03-03T06:00"),
        ({"every": "P1D", "offset": "PT6H"}, "2026-03-04T06:00", "2026-03-04T06:00"),
        ({"every": "P7D"}, "2026-03-04T10:20", "2026-03-02T00:00"),
        ({"every": "P1D", "timezone": "Europe/Paris"}, "2026-03-29T22:30", "2026-03-29T22:00"),
        ({"every": "P1D", "timezone": "Europe/Paris"}, "2026-03-29T10:00", "2026-03-28T23:00"),
        ({"lookback": "PT1H"}, "2026-03-04T00:20", "2026-03-03T23:20"),
        ({"deadline": "09:00:00"}, "2026-03-04T09:00", "2026-03-04T00:00"),
        ({"deadline": "09:00:00"}, "2026-03-04T09:01", None),
        ({"deadline": "09:00:00", "timezone": "Europe/Paris"}, "2026-03-04T08:30", None),
        ({"from": "09:00:00", "to": "17:00:00"}, "2026-03-04T08:59", None),
        ({"from": "09:00:00", "to": "17:00:00"}, "2026-03-04T12:00", "2026-03-04T09:00"),
        ({"from": "22:00:00", "to": "02:00:00"}, "2026-03-04T23:00", "2026-03-04T22:00"),
        ({"from": "22:00:00", "to": "02:00:00"}, "2026-03-04T01:00", "2026-03-03T22:00"),
        ({"from": "22:00:00", "to": "02:00:00"}, "2026-03-04T03:00", None),
    ],
)
def test_what_has_come_counts_since_the_window_began(given: dict[str, str], now: str, since: str | None) -> None:
    window = bound(Window, given)
    assert window.since(at(now), UTC) == (since and at(since))


@pytest.mark.parametrize(
    ("given", "now", "since"),
    [
        ({}, "2026-03-04T10:20", "2026-03-04T00:00"),
        ({"window": "PT6H", "windowAdvance": "PT3H"}, "2026-03-04T10:20", "2026-03-04T09:00"),
        ({"type": "SLIDING_WINDOW", "window": "PT1H"}, "2026-03-04T10:20", "2026-03-04T09:20"),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"}, "2026-03-04T10:20", None),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00+01:00"}, "2026-03-04T08:30", None),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00+01:00"}, "2026-03-04T07:30", "2026-03-03T23:00"),
        (
            {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00", "timezone": "Europe/Paris"},
            "2026-03-04T07:30",
            "2026-03-03T23:00",
        ),
        (
            {"type": "DAILY_TIME_WINDOW", "startTime": "09:00:00", "endTime": "12:00:00"},
            "2026-03-04T10:20",
            "2026-03-04T09:00",
        ),
    ],
)
def test_the_windows_of_1_x_mean_the_same(given: dict[str, str], now: str, since: str | None) -> None:
    window = bound(TimeWindow, given)
    assert window.since(at(now), UTC) == (since and at(since))


def bound(kind: type[P], given: dict[str, str]) -> P:
    class Holder(Properties):
        window: kind = prop("The window.")  # type: ignore[valid-type]

    Holder.__annotations__["window"] = kind
    return Holder.bind({"window": given}, unrendered).window  # type: ignore[return-value]
