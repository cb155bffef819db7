"""A point in time with nanoseconds in a zone, as Java's ZonedDateTime; made from what templates call a date."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from msgspec import Struct

from kapell.errors import RenderError
from kapell.expr.javatype import is_text
from kapell.expr.number import INT_MAX, Long, is_number
from kapell.expr.value import kind

_OFFSET = re.compile(r"(UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?")
_ISO = re.compile(
    r"([+-]?\d{4,9})-(\d\d)-(\d\d)"
    r"(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{0,9}))?)?(Z|z|[+-]\d\d(?::\d\d(?::\d\d)?)?)?(?:\[([^\]]+)\])?)?"
)


class Zone(Struct, frozen=True):
    """A time zone with the name that it was asked for by."""

    name: str
    info: tzinfo

    @property
    def fixed(self) -> bool:
        """Whether it is an offset, not a region."""
        return isinstance(self.info, timezone)


class Moment(Struct, frozen=True):
    """A local time of day in a zone; `fold` tells the second of two equal hours; nanoseconds of the second apart."""

    local: datetime
    nano: int
    zone: Zone

    @property
    def offset(self) -> timedelta:
        """What the zone is ahead of UTC."""
        return self.local.replace(tzinfo=self.zone.info).utcoffset() or timedelta()

    @property
    def epoch_second(self) -> int:
        """Whole seconds since 1970."""
        span = self.local.replace(tzinfo=None) - datetime(1970, 1, 1) - self.offset
        return span.days * 86400 + span.seconds

    @property
    def epoch_nano(self) -> int:
        """Nanoseconds since 1970."""
        return self.epoch_second * 1_000_000_000 + self.nano

    def at(self, zone: Zone) -> Moment:
        """The same instant in another zone."""
        return from_epoch(self.epoch_second, self.nano, zone)


@lru_cache(256)
def zone_of(name: str) -> Zone:
    """The zone of an ID such as `Europe/Paris`, `UTC`, `+02:00`; raises `RenderError` for an unknown one."""
    if name in ("UTC", "Z", "GMT", "UT"):
        return Zone(name, UTC)
    offset = _OFFSET.fullmatch(name)
    if offset:
        return Zone(name, _fixed(offset[2], offset[3], offset[4], offset[5], name))
    from zoneinfo import ZoneInfo

    try:
        if not name or name[0] in "./" or ".." in name:
            raise ValueError(name)
        return Zone(name, ZoneInfo(name))
    except (ValueError, OSError, KeyError):
        raise RenderError(f"Unknown time-zone ID: {name}") from None


def zone_from(info: tzinfo) -> Zone:
    """The zone of one of Python's."""
    if info is UTC:
        return Zone("UTC", info)
    return Zone(getattr(info, "key", None) or str(info), info)


def _fixed(sign: str, hours: str, minutes: str | None, seconds: str | None, shown: str) -> tzinfo:
    span = timedelta(hours=int(hours), minutes=int(minutes or 0), seconds=int(seconds or 0))
    if span > timedelta(hours=18) or int(minutes or 0) > 59 or int(seconds or 0) > 59:
        raise RenderError(f"Invalid zone offset: {shown}")
    return timezone(-span if sign == "-" else span)


def offset_zone(offset: str) -> Zone:
    """The zone of an offset as ISO writes it."""
    if offset in ("Z", "z"):
        return Zone("Z", UTC)
    digits = offset[1:].replace(":", "")
    return Zone(offset, _fixed(offset[0], digits[:2], digits[2:4], digits[4:6], offset))


def from_epoch(seconds: int, nano: int, zone: Zone) -> Moment:
    """The moment so many seconds and nanoseconds after 1970."""
    seconds, nano = seconds + nano // 1_000_000_000, nano % 1_000_000_000
    try:
        instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        local = instant.astimezone(zone.info)
    except (OverflowError, ValueError):
        raise RenderError("The date is outside the years 1 to 9999") from None
    return Moment(local.replace(tzinfo=None, microsecond=nano // 1000), nano, zone)


def from_local(local: datetime, nano: int, zone: Zone) -> Moment:
    """The moment of a local time: a time in a gap moves on by the gap, of two equal hours the earlier counts."""
    try:
        aware = local.replace(tzinfo=zone.info, fold=0)
        settled = aware.astimezone(UTC).astimezone(zone.info) if not zone.fixed else aware
    except (OverflowError, ValueError):
        raise RenderError("The date is outside the years 1 to 9999") from None
    return Moment(settled.replace(tzinfo=None, microsecond=nano // 1000), nano, zone)


def from_datetime(value: datetime, zone: Zone) -> Moment:
    """The moment of Python's datetime; a naive one is local in `zone`."""
    nano = value.microsecond * 1000
    if value.tzinfo is None:
        return from_local(value, nano, zone)
    span = value - datetime(1970, 1, 1, tzinfo=UTC)
    return from_epoch(span.days * 86400 + span.seconds, nano, zone_from(value.tzinfo))


def to_moment(value: object, zone: Zone, existing: str | None, locale: str) -> Moment:
    """What a template calls a date: text, an epoch number (a Long), Python's datetime or date.

    Text is read by the pattern `existing`, else as ISO with or without zone and time of day.
    """
    if isinstance(value, datetime):
        return from_datetime(value, zone)
    if isinstance(value, date):
        return from_local(datetime.combine(value, time(12)), 0, zone)
    # Kestra: an Integer is no date, a Long is
    if isinstance(value, int) and is_number(value) and (isinstance(value, Long) or abs(value) > INT_MAX):
        return from_number(value, zone)
    if not is_text(value):
        raise RenderError(f"{kind(value)} is no date")
    if existing is not None:
        from kapell.expr.dateparse import parse_date

        return parse_date(value, existing, zone, locale)
    return parse_iso(value, zone)


def from_number(value: int, zone: Zone) -> Moment:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, told by the number of digits."""
    digits = len(str(abs(value)))
    if digits <= 11:
        return from_epoch(value, 0, zone)
    if digits <= 14:
        return from_epoch(value // 1000, value % 1000 * 1_000_000, zone)
    if digits <= 17:
        return from_epoch(value // 1_000_000, value % 1_000_000 * 1000, zone)
    # Kestra: of nanoseconds the last six digits count as the microseconds
    return from_epoch(value // 1_000_000_000, value % 1_000_000 * 1000, zone)


def parse_iso(value: str, zone: Zone) -> Moment:
    """An ISO date, date and time, or these with offset and zone."""
    match = _ISO.fullmatch(value)
    if match is None:
        raise RenderError(f"Text '{value}' could not be parsed at index {_good_until(value)}")
    year, month, day, hour, minute, second, fraction, offset, region = match.groups()
    nano = int((fraction or "").ljust(9, "0") or 0)
    try:
        local = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except (ValueError, OverflowError) as error:
        raise RenderError(f"Text '{value}' could not be parsed: {error}") from None
    if offset is None and region is not None:
        raise RenderError(f"Text '{value}' could not be parsed at index {value.index('[')}")
    if offset is None:
        return from_local(local, nano, zone)
    shift = offset_zone(offset)
    instant = from_local(local, nano, shift)
    return instant.at(zone_of(region)) if region else instant


def _good_until(value: str) -> int:
    """The index up to which a text looks like an ISO date."""
    good = re.match(r"(?:\d{4}(?:-\d\d(?:-\d\d(?:T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)?)?)?)?", value)
    return good.end() if good else 0
