"""Dates ↔ texts by Java's patterns, as the properties of tasks have them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, tzinfo

from kapell.errors import RenderError
from kapell.expr.dateparse import parse_date
from kapell.expr.datepattern import format_moment
from kapell.expr.moment import from_datetime, zone_from

LOCALE = "en"
EPOCH = date(1970, 1, 1)
DAY = "yyyy-MM-dd"


def date_text(pattern: str, zone: tzinfo) -> Callable[[date | time], str]:
    """Writes dates, times and instants; instants in `zone`, in which those without a zone are local."""
    known = zone_from(zone)
    is_iso = pattern == DAY

    def write(value: date | time) -> str:
        if isinstance(value, time):
            value = datetime.combine(EPOCH, value)
        elif not isinstance(value, datetime):
            if is_iso:
                return value.isoformat()
            value = datetime.combine(value, time())
        return format_moment(from_datetime(value, known).at(known), pattern, LOCALE)

    return write


def date_value(pattern: str, zone: tzinfo) -> Callable[[str], datetime]:
    """Reads texts, those without a zone as local in `zone`; raises `ValueError` where the pattern does not fit."""
    known = zone_from(zone)
    is_iso = pattern in (DAY, f"{DAY}[XXX]")

    def read(text: str) -> datetime:
        if is_iso and len(text) == len(DAY):
            return datetime.fromisoformat(text).replace(tzinfo=zone)
        try:
            moment = parse_date(text, pattern, known, LOCALE)
        except RenderError as error:
            raise ValueError(error.message) from None
        return moment.local.replace(tzinfo=moment.zone.info)

    return read
