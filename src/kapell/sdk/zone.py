"""Time zones by the names that Java knows: regions, offsets, and offsets behind GMT, UTC, UT."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from importlib.resources import files

_OFFSET = re.compile(r"(?:GMT|UTC|UT)?([+-])(\d{1,2}|\d{2}:?\d{2}|\d{2}:\d{2}:\d{2}|\d{6})", re.ASCII)
_AS_UTC = frozenset({"Z", "UTC", "GMT", "UT"})
# Kestra: Java leaves these few of the database out.
_UNKNOWN = frozenset({"EST", "HST", "MST", "ROC", "Factory", "localtime"})


@cache
def parse_zone(name: str) -> tzinfo:
    """The zone of an ID, whose case counts; raises ValueError with Kestra's sentence."""
    if name in _AS_UTC:
        return UTC
    if match := _OFFSET.fullmatch(name):
        offset = _offset(match[1], match[2].replace(":", ""))
    else:
        offset = _region(name)
    if offset is None:
        raise ValueError(f"timezone '({name})' is not a valid time-zone ID")
    return offset


def in_zone(moment: datetime, zone: tzinfo) -> datetime:
    """The same instant with the offset that `zone` then has.

    Not with the zone itself: Python's dates of one zone don't compare as instants where its hours repeat.
    """
    return moment.astimezone(timezone(moment.astimezone(zone).utcoffset() or timedelta()))


def value_in_zone(value: object, zone: tzinfo) -> object:
    """A structure with every instant in it in `zone`, in which those without a zone are local."""
    if isinstance(value, Mapping):
        return {key: value_in_zone(item, zone) for key, item in value.items()}
    if isinstance(value, list):
        return [value_in_zone(item, zone) for item in value]
    if isinstance(value, datetime):
        return in_zone(value if value.tzinfo else value.replace(tzinfo=zone), zone)
    return value


def _offset(sign: str, digits: str) -> tzinfo | None:
    hours, minutes, seconds = (int(part or 0) for part in (digits[:2], digits[2:4], digits[4:]))
    span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if minutes > 59 or seconds > 59 or span > timedelta(hours=18):
        return None
    return timezone(-span if sign == "-" else span)


def _region(name: str) -> tzinfo | None:
    from zoneinfo import ZoneInfo

    return ZoneInfo(name) if name in _regions() else None


@cache
def _regions() -> frozenset[str]:
    # read from the list, not tried: a file system may take `europe/paris` for `Europe/Paris`
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()) - _UNKNOWN
