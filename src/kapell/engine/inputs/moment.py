"""Dates, times and spans. A row is JSON, so each is kept (and seen by expressions) in the form that Kestra writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from kapell.engine.inputs.invalid import cannot_convert
from kapell.engine.inputs.limits import BOUNDS, within
from kapell.expr.printing import clock_text, instant_text, shown
from kapell.sdk.duration import format_duration, parse_duration

T = TypeVar("T", date, datetime, time)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[-+]\d\d(?::?\d\d)?)", re.ASCII)
Properties = Mapping[str, object]


def to_date(value: object, properties: Properties) -> str:
    """A day: `2024-01-31`."""
    day = _date(value)
    within(day, properties.get("after"), properties.get("before"), ("after", "before"), _date, str)
    return day.isoformat()


def to_instant(value: object, properties: Properties) -> str:
    """An instant, kept in UTC with microseconds: `2024-01-01T10:00:00.000000Z`."""
    instant = _instant(value)
    within(instant, properties.get("after"), properties.get("before"), ("after", "before"), _instant, instant_text)
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def to_time(value: object, properties: Properties) -> str:
    """A time of day: `10:20:30`."""
    clock = _time(value)
    within(clock, properties.get("after"), properties.get("before"), ("after", "before"), _time, clock_text)
    return clock_text(clock, seconds=True)


def to_seconds(value: object, properties: Properties) -> float:
    """A span, kept as seconds: `300.0`."""
    span = _span(value)
    within(span, properties.get("min"), properties.get("max"), BOUNDS, _span, format_duration)
    return span.total_seconds()


def _date(value: object) -> date:
    return _parsed(value, _DATE, date.fromisoformat, "LocalDate")


def _instant(value: object) -> datetime:
    return _parsed(value, _INSTANT, lambda text: datetime.fromisoformat(text.upper()).astimezone(UTC), "Instant")


def _time(value: object) -> time:
    return _parsed(value, _TIME, time.fromisoformat, "LocalTime")


def _parsed(value: object, form: re.Pattern[str], read: Callable[[str], T], type: str) -> T:
    text = _text(value)
    try:
        if form.fullmatch(text):
            return read(text)
    except (ValueError, OverflowError):
        pass
    raise cannot_convert(value, type)


def _span(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, bool):
        raise cannot_convert(value, "Duration")
    try:
        return parse_duration(shown(value))
    except ValueError:
        raise cannot_convert(value, "Duration") from None


def _text(value: object) -> str:
    """What Python's own values say in ISO form, anything else as it prints."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return shown(value).strip()
