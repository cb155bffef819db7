"""Time windows: what they may not say."""

from __future__ import annotations

import pytest

from kapell.sdk.window import time_window_problems, window_problems


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, []),
        ({"window": "PT6H", "windowAdvance": "PT3H"}, []),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"}, []),
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
