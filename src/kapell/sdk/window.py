"""Time windows within which what a trigger waits for must happen, as 1.x and 2.0 write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal

from kapell.sdk.duration import parse_duration
from kapell.sdk.prop import prop
from kapell.sdk.shape import Part
from kapell.sdk.zone import parse_zone

_DAY = timedelta(days=1)
_MONDAY = datetime(1970, 1, 5)
Kind = Literal["DAILY_TIME_DEADLINE", "DAILY_TIME_WINDOW", "DURATION_WINDOW", "SLIDING_WINDOW"]
_WORDS = {
    "deadline": "a deadline",
    "window": "a window",
    "windowAdvance": "a window advance",
    "startTime": "a start time",
    "endTime": "an end time",
    "every": "an every duration",
    "offset": "an offset",
    "from": "a from time",
    "to": "a to time",
    "lookback": "a lookback duration",
}
_ALL = ("window", "windowAdvance", "startTime", "endTime", "deadline")
_OWN = {
    "DAILY_TIME_DEADLINE": ("deadline",),
    "DAILY_TIME_WINDOW": ("startTime", "endTime"),
    "SLIDING_WINDOW": ("window",),
    "DURATION_WINDOW": ("window", "windowAdvance"),
}
_TIMES = ("deadline", "startTime", "endTime", "from", "to")


class TimeWindow(Part):
    """The window of 1.x, whose `type` says which of the other properties it has."""

    type: Kind = prop("What kind of window it is.", default="DURATION_WINDOW")
    deadline: str | None = prop("The time of day, such as `09:00:00`, at which each day's window ends.", default=None)
    window: timedelta | None = prop("Its length; a day by default.", default=None)
    window_advance: timedelta | None = prop("How much later than midnight it begins.", default=None)
    start_time: str | None = prop("The time of day at which it begins.", default=None)
    end_time: str | None = prop("The time of day at which it ends.", default=None)
    timezone: str | None = prop("The time zone of its times of day; the server's by default.", default=None)

    def since(self, now: datetime, zone: tzinfo) -> datetime | None:
        """From when on what has come counts now; None where `now` is in no window."""
        zone = parse_zone(self.timezone) if self.timezone else zone
        if self.type == "SLIDING_WINDOW":
            return now - (self.window or _DAY)
        if self.type == "DURATION_WINDOW":
            return _begun(now, zone, self.window or _DAY, self.window_advance or timedelta())
        first, last = (None, self.deadline) if self.type == "DAILY_TIME_DEADLINE" else (self.start_time, self.end_time)
        return _within_day(now, zone, first, last)


class Window(Part):
    """The window of 2.0, whose kind is told by the properties that are given."""

    deadline: str | None = prop("The time of day, such as `09:00:00`, at which each day's window ends.", default=None)
    from_: str | None = prop("The time of day at which it begins.", default=None)
    to: str | None = prop("The time of day at which it ends.", default=None)
    every: timedelta | None = prop("Its length; a day by default.", default=None)
    offset: timedelta | None = prop("How much later than midnight it begins.", default=None)
    lookback: timedelta | None = prop("How far back from now it reaches.", default=None)
    timezone: str | None = prop("The time zone of its times of day; the server's by default.", default=None)
    fire_once: bool = prop("Whether the trigger fires at most once in each window.", default=False)

    def since(self, now: datetime, zone: tzinfo) -> datetime | None:
        """From when on what has come counts now; None where `now` is in no window."""
        zone = parse_zone(self.timezone) if self.timezone else zone
        if self.deadline or self.from_ or self.to:
            return _within_day(now, zone, self.from_, self.deadline or self.to)
        if self.lookback is not None:
            return now - self.lookback
        return _begun(now, zone, self.every or _DAY, self.offset or timedelta())


@dataclass(frozen=True, slots=True)
class Days:
    """The windows of who says nothing about them: of one length, the first of each day at midnight."""

    length: timedelta = _DAY
    shift: timedelta = timedelta()

    def since(self, now: datetime, zone: tzinfo) -> datetime:
        """From when on what has come counts now."""
        return _begun(now, zone, self.length, self.shift)


def _begun(now: datetime, zone: tzinfo, length: timedelta, shift: timedelta) -> datetime:
    """When the present one of the windows of this length began: each day at midnight, those of days on a Monday."""
    local = now.astimezone(zone).replace(tzinfo=None)
    # Reckoned by the clock on the wall, so that a day is a day when the clocks change.
    base = _MONDAY if length > _DAY else datetime.combine(local.date(), time()) - _DAY
    base += shift if length > _DAY else shift % _DAY
    if length <= _DAY and local >= base + _DAY:
        base += _DAY
    return _at(base + (local - base) // length * length, zone)


def _within_day(now: datetime, zone: tzinfo, first: str | None, last: str | None) -> datetime | None:
    """When the window from one time of day to another began; it may reach over midnight."""
    begins, ends = time.fromisoformat(first or "00:00"), time.fromisoformat(last or "23:59:59.999999")
    # A time of day may carry an offset of its own: `09:00:00+01:00`.
    zone = ends.tzinfo or begins.tzinfo or zone
    begins, ends = begins.replace(tzinfo=None), ends.replace(tzinfo=None)
    local = now.astimezone(zone).replace(tzinfo=None)
    today = _at(datetime.combine(local.date(), begins), zone)
    if begins <= ends:
        return today if begins <= local.time() <= ends else None
    if local.time() >= begins:
        return today
    return _at(datetime.combine(local.date() - _DAY, begins), zone) if local.time() <= ends else None


def _at(local: datetime, zone: tzinfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def time_window_problems(given: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    """What is wrong with a TimeWindow as written: pairs of a path from it and a message."""
    name = str(given.get("type", "DURATION_WINDOW"))
    kind, own = f"Time window of type `{name}`", _OWN.get(name, _ALL)
    has = {key for key in _ALL if given.get(key) is not None}
    yield from (("", f"{kind} cannot have {_WORDS[key]}.") for key in _ALL if key in has and key not in own)
    if name.startswith("DAILY"):
        yield from (("", f"{kind} must have {_WORDS[key]}.") for key in own if key not in has)
    yield from _value_problems(given, "window", "windowAdvance")
    yield from _zone_problems(given)


def window_problems(given: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    """What is wrong with a Window as written: pairs of a path from it and a message."""
    has = {key for key in ("deadline", "from", "to", "every", "offset", "lookback") if given.get(key) is not None}
    if "deadline" in has:
        kind, own = "DAILY_TIME_DEADLINE", {"deadline"}
    elif has & {"from", "to"}:
        kind, own = "DAILY_TIME_WINDOW", {"from", "to"}
        yield from (("", f"Window of type `{kind}` must have {_WORDS[key]}.") for key in sorted(own - has))
    elif "lookback" in has:
        kind, own = "SLIDING_WINDOW", {"lookback"}
    else:
        kind, own = "DURATION_WINDOW", has
    yield from (("", f"Window of type `{kind}` cannot have {_WORDS[key]}.") for key in sorted(has - own))
    yield from _value_problems(given, "every", "offset")
    yield from _zone_problems(given)


def _zone_problems(given: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    zone = given.get("timezone")
    if zone is not None:
        try:
            parse_zone(str(zone))
        except ValueError as error:
            yield "timezone", str(error)


def _value_problems(given: Mapping[str, object], length: str, shift: str) -> Iterable[tuple[str, str]]:
    for key in _TIMES:
        if (value := given.get(key)) is not None and not _is_time(str(value)):
            yield key, f"`{value}` is not a time of day such as 09:00:00"
    for key in (length, "lookback", shift):
        if problem := duration_problem(given.get(key), zero=key == shift):
            yield key, problem


def duration_problem(value: object, *, zero: bool = False) -> str | None:
    """What is wrong with a duration as written that must not be negative, nor zero unless that is allowed."""
    try:
        span = None if value is None else parse_duration(str(value))
    except ValueError as error:
        return str(error)
    if span is None or span > timedelta() or (zero and not span):
        return None
    return "must not be negative" if zero else "must be a positive duration"


def _is_time(text: str) -> bool:
    try:
        time.fromisoformat(text)
    except ValueError:
        return False
    return True
