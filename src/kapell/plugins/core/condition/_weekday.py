"""Names of weekdays."""

from __future__ import annotations

from datetime import date
from typing import Literal

WeekdayName = Literal["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"]
_NAMES: tuple[WeekdayName, ...] = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def weekday_of(day: date) -> WeekdayName:
    """The name of a date's weekday."""
    return _NAMES[day.weekday()]
