"""Cron expressions in Kestra's dialect: read into sets of numbers, then asked for the next date in a time zone."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from kapell.sdk.zone import in_zone

HORIZON = timedelta(days=3660)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


class _Field(NamedTuple):
    first: int
    last: int
    names: dict[str, int] = {}
    ends: bool = False


_SECONDS = _Field(0, 59)
_FIELDS = (
    _Field(0, 59),
    _Field(0, 23),
    _Field(1, 31, ends=True),
    _Field(1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field(0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """When something is due, in local time. `days` below 1 count from the month's end: 0 is its last day.

    `days` or `weekdays` is None where any will do; where both are given, either is enough. `once` tells that a local
    time which comes twice counts the first time only.
    """

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int] | None
    months: frozenset[int]
    weekdays: frozenset[int] | None
    once: bool

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first date later than `moment`, None where there is none within ten years.

        Its offset is the one that `zone` then has; a local time that the zone skips is no date.
        """
        at = moment.astimezone(UTC).replace(microsecond=0) + _SECOND
        try:
            while (found := self._from(at, zone)) is not None and self.once and found.astimezone(zone).fold:
                at = found + _SECOND
        except OverflowError:
            return None
        return found and in_zone(found, zone)

    def before(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The last date earlier than `moment`, None where there is none within ten years."""
        late = moment.astimezone(UTC)
        if late.microsecond:
            late = late.replace(microsecond=0) + _SECOND
        moment, step = late, timedelta(minutes=1)
        while (early := self._between(moment - step, moment, zone)) is None:
            if step > HORIZON:
                return None
            step *= 4
        while late - early > _SECOND:
            middle = early + (late - early - _SECOND) // 2 // _SECOND * _SECOND
            later = self._between(middle, moment, zone)
            early, late = (early, middle + _SECOND) if later is None else (later, late)
        return early

    def _between(self, early: datetime, late: datetime, zone: tzinfo) -> datetime | None:
        found = self.after(early, zone)
        return found if found is not None and found < late else None

    def _from(self, at: datetime, zone: tzinfo) -> datetime | None:
        """The first date not earlier than the instant `at`.

        As long as the zone's offset stays the same, local time runs on evenly; where it changes on the way, the
        search goes on from there with the new offset. It looks a day ahead at a time, so no change is overlooked
        that matters.
        """
        end = at + HORIZON
        while at < end:
            offset = _offset(at, zone)
            local = (at + offset).replace(tzinfo=None)
            wanted = self._local_from(local)
            if wanted is None:
                return None
            ahead = min(wanted - local, _DAY)
            if _offset(at + ahead, zone) != offset:
                at = _change(at, at + ahead, zone)
            elif ahead == wanted - local:
                return at + ahead
            else:
                at += wanted - local - _DAY
        return None

    def _local_from(self, local: datetime) -> datetime | None:
        for day in self._days_from(local.date()):
            found = self._time_from(local.time() if day == local.date() else time())
            if found is not None:
                return datetime.combine(day, found)
        return None

    def _time_from(self, start: time) -> time | None:
        hour, minute, second = start.hour, start.minute, start.second
        found = (
            time(h, m, s)
            for h in self.hours
            if h >= hour
            for m in self.minutes
            if (h, m) >= (hour, minute)
            for s in self.seconds
            if (h, m, s) >= (hour, minute, second)
        )
        return next(found, None)

    def _days_from(self, start: date) -> Iterator[date]:
        year, month, first = start.year, start.month, start.day
        while year - start.year <= HORIZON.days // 365:
            if month in self.months:
                last = monthrange(year, month)[1]
                yield from (day for n in range(first, last + 1) if self._has(day := date(year, month, n), last))
            year, month, first = (year, month + 1, 1) if month < 12 else (year + 1, 1, 1)

    def _has(self, day: date, last: int) -> bool:
        on_day = self.days is not None and (day.day in self.days or day.day - last in self.days)
        on_weekday = self.weekdays is not None and day.isoweekday() % 7 in self.weekdays
        return on_day or on_weekday or (self.days is None and self.weekdays is None)


def _offset(at: datetime, zone: tzinfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first second with another offset than that of `before`."""
    old = _offset(before, zone)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


@lru_cache(1000)
def parse_cron(text: str, *, with_seconds: bool = False) -> Cron:
    """Read an expression of five fields, or six with seconds first; raises ValueError with Kestra's sentence."""
    try:
        return _parse(text, with_seconds)
    except ValueError as error:
        raise ValueError(f"invalid cron expression '{text}': {error}") from None


def _parse(text: str, with_seconds: bool) -> Cron:
    nickname = _NICKNAMES.get(text.strip())
    parts = (nickname or text).split()
    expected = 6 if with_seconds and not nickname else 5
    if not parts:
        raise ValueError("Empty expression!")
    if len(parts) != expected:
        raise ValueError(f"Cron expression contains {len(parts)} parts but we expect one of [{expected}]")
    seconds = _numbers(parts.pop(0), _SECONDS) if expected == 6 else {0}
    minutes, hours, days, months, weekdays = map(_numbers, parts, _FIELDS)
    return Cron(
        seconds=tuple(sorted(seconds)),
        minutes=tuple(sorted(minutes)),
        hours=tuple(sorted(hours)),
        days=None if parts[2] == "*" else frozenset(days),
        months=frozenset(months),
        weekdays=None if parts[4] == "*" else frozenset(day % 7 for day in weekdays),
        once=parts[0].isdigit() and parts[1].isdigit(),
    )


def _numbers(text: str, field: _Field) -> set[int]:
    try:
        return {number for part in text.upper().split(",") for number in _part(part, field)}
    except ValueError as error:
        raise ValueError(f"Failed to parse cron expression. {error}") from None


def _part(text: str, field: _Field) -> Iterator[int]:
    if "?" in text:
        raise ValueError(f"Invalid expression: {text}")
    span, slash, step = text.partition("/")
    known = [*field.names, "L"] if field.ends else list(field.names)
    strange = re.sub("|".join([*(rf"\b{word}\b" for word in known), "[0-9*-]"]), "", span)
    if strange or not text:
        raise ValueError(f"Invalid chars in expression! Expression: {text} Invalid chars: {strange}")
    if field.ends and "L" in span:
        return iter((_from_end(text, field),))
    first, last = _range(span, field, open_end=bool(slash))
    return iter(range(first, last + 1, _step(step, field) if slash else 1))


def _from_end(text: str, field: _Field) -> int:
    match = re.fullmatch(r"L(?:-(\d{1,2}))?", text)
    if match is None or int(match[1] or 0) >= field.last:
        raise ValueError(f"Invalid expression! Expression: {text} does not count from the end of the month.")
    return -int(match[1] or 0)


def _range(text: str, field: _Field, open_end: bool) -> tuple[int, int]:
    """From where to where; a number alone ends at itself, or at the field's end where a step follows."""
    if text == "*":
        return field.first, field.last
    start, dash, end = text.partition("-")
    if dash and not start:
        raise ValueError(
            f"Invalid expression! Expression: {text} does not describe a range. Negative numbers are not allowed."
        )
    if dash and not end:
        raise ValueError(f"Missing values for range: {text}")
    first = _value(start, field)
    last = _value(end, field) if dash else field.last if open_end else first
    if first > last:
        raise ValueError(f"Invalid range! [{first},{last}]")
    return first, last


def _step(text: str, field: _Field) -> int:
    step = _integer(text)
    if not 1 <= step <= field.last:
        raise ValueError(f"Period {step} not in range [{field.first}, {field.last}]")
    return step


def _value(text: str, field: _Field) -> int:
    value = field.names[text] if text in field.names else _integer(text)
    if not field.first <= value <= field.last:
        raise ValueError(f"Value {value} not in range [{field.first}, {field.last}]")
    return value


def _integer(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError(f'For input string: "{text}"')
    return int(text)
