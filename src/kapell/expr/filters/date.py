"""Filters on dates; what counts as a date is told in moment.py."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

from kapell.errors import RenderError
from kapell.expr.datepattern import format_moment
from kapell.expr.javatype import is_text
from kapell.expr.moment import Moment, Zone, from_epoch, from_local, to_moment, zone_from, zone_of
from kapell.expr.number import Long
from kapell.expr.registry import as_filter
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.value import given, kind, optional_text, text


def zone_argument(frame: Frame, value: object) -> Zone:
    """The zone of a `timeZone` argument; the rendering's own when it is not given."""
    name = optional_text(value, "timeZone")
    return zone_from(frame.env.zone) if name is None else zone_of(name)


def format_argument(frame: Frame, moment: Moment, format: object, zone: object, locale: object) -> str:
    """A moment in a zone by a format; `iso` when none is given."""
    pattern = "iso" if format is MISSING else text(format, "format")
    name = frame.env.locale if given(locale) is None else text(locale, "locale")
    return format_moment(moment.at(zone_argument(frame, zone)), pattern, name)


def _moment(frame: Frame, value: object, zone: object, existing: object) -> Moment:
    return to_moment(value, zone_argument(frame, zone), optional_text(existing, "existingFormat"), "en_US")


@as_filter("date", "format", "timeZone", "existingFormat", "locale", frame=True)
def date(
    frame: Frame,
    value: object,
    format: object = MISSING,
    zone: object = MISSING,
    existing: object = MISSING,
    locale: object = MISSING,
) -> object:
    """A date printed by a name (iso, sql, iso_date, full …) or one of Java's patterns.

    {{ '2024-03-15T10:20:30Z' | date('dd/MM/yyyy') }} → 15/03/2024
    """
    if value is None:
        return None
    return format_argument(frame, _moment(frame, value, zone, existing), format, zone, locale)


@as_filter("dateAdd", "amount", "unit", "format", "timeZone", "existingFormat", "locale", frame=True)
def date_add(
    frame: Frame,
    value: object,
    amount: object = MISSING,
    unit: object = MISSING,
    format: object = MISSING,
    zone: object = MISSING,
    existing: object = MISSING,
    locale: object = MISSING,
) -> object:
    """A date moved by an amount of NANOS … SECONDS, MINUTES, HOURS, DAYS, WEEKS, MONTHS, YEARS, then printed.

    {{ '2024-02-29' | dateAdd(1, 'YEARS', 'yyyy-MM-dd') }} → 2025-02-28
    """
    if value is None:
        return None
    moved = _moved(_moment(frame, value, zone, existing), _amount(amount), text(unit, "dateAdd"))
    return format_argument(frame, moved, format, zone, locale)


def _amount(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    if is_text(value):
        try:
            return int(value)
        except ValueError:
            raise RenderError(f"{value} can't be converted to long") from None
    raise RenderError(f"'dateAdd' needs a whole number, not {kind(value)}")


_SPANS = {
    "NANOS": 1,
    "MICROS": 1000,
    "MILLIS": 1_000_000,
    "SECONDS": 10**9,
    "MINUTES": 60 * 10**9,
    "HOURS": 3600 * 10**9,
    "HALF_DAYS": 43200 * 10**9,
}
_DAYS = {"DAYS": 1, "WEEKS": 7}
_MONTHS = {"MONTHS": 1, "YEARS": 12, "DECADES": 120, "CENTURIES": 1200, "MILLENNIA": 12000}


def _moved(moment: Moment, amount: int, unit: str) -> Moment:
    if unit in _SPANS:
        seconds, nano = divmod(moment.epoch_nano + amount * _SPANS[unit], 10**9)
        return from_epoch(seconds, nano, moment.zone)
    try:
        if unit in _DAYS:
            local = moment.local + timedelta(days=amount * _DAYS[unit])
        elif unit in _MONTHS:
            local = _months_later(moment.local, amount * _MONTHS[unit])
        else:
            raise RenderError(f"No enum constant java.time.temporal.ChronoUnit.{unit}")
    except (OverflowError, ValueError):
        raise RenderError("The date is outside the years 1 to 9999") from None
    return from_local(local, moment.nano, moment.zone)


def _months_later(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


@as_filter("timestamp", "timeZone", "existingFormat", frame=True)
def timestamp(frame: Frame, value: object, zone: object = MISSING, existing: object = MISSING) -> object:
    """Seconds since 1970.

    {{ '2024-03-15T10:20:30Z' | timestamp }} → 1710498030
    """
    return None if value is None else Long(_moment(frame, value, zone, existing).epoch_second)


@as_filter("timestampMilli", "timeZone", "existingFormat", frame=True)
def timestamp_milli(frame: Frame, value: object, zone: object = MISSING, existing: object = MISSING) -> object:
    """Milliseconds since 1970.

    {{ '2024-03-15T10:20:30Z' | timestampMilli }} → 1710498030000
    """
    return None if value is None else Long(_moment(frame, value, zone, existing).epoch_nano // 1_000_000)


@as_filter("timestampMicro", "timeZone", "existingFormat", frame=True)
def timestamp_micro(frame: Frame, value: object, zone: object = MISSING, existing: object = MISSING) -> object:
    """Microseconds since 1970, as text.

    {{ '2024-03-15T10:20:30Z' | timestampMicro }} → 1710498030000000
    """
    return None if value is None else str(_moment(frame, value, zone, existing).epoch_nano // 1000)


@as_filter("timestampNano", "timeZone", "existingFormat", frame=True)
def timestamp_nano(frame: Frame, value: object, zone: object = MISSING, existing: object = MISSING) -> object:
    """Nanoseconds since 1970, as text.

    {{ '2024-03-15T10:20:30Z' | timestampNano }} → 1710498030000000000
    """
    return None if value is None else str(_moment(frame, value, zone, existing).epoch_nano)
