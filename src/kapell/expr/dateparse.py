"""Texts → moments by Java's date patterns: a pattern becomes a regular expression, its groups become fields."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from kapell.errors import RenderError
from kapell.expr import datenames
from kapell.expr.datepattern import STANDARD, STYLES, Part, parts_of, width
from kapell.expr.moment import Moment, Zone, from_local, offset_zone, parse_iso, zone_of

_ISO_NAMES = (
    "iso_date_time",
    "iso_zoned_date_time",
    "iso_local_date_time",
    "iso_instant",
    "iso_local_date",
    "iso_date",
)
_NUMBERS = "uyDdYwWFhKkHmsSAnN"
_OFFSET = r"Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?"


class _Reader:
    """A pattern as a regular expression; `fields` are the letters of its groups, in order."""

    def __init__(self) -> None:
        self.source = ""
        self.fields: list[tuple[str, int]] = []

    def group(self, part: Part, expression: str) -> None:
        # as Java, a part takes what it can and gives nothing back
        self.source += f"((?>{expression}))"
        self.fields.append((part.letter, part.count))


def parse_date(value: str, pattern: str, zone: Zone, locale: str) -> Moment:
    """The moment that a text stands for; raises `RenderError` when the pattern does not fit or leaves the date open."""
    if pattern in _ISO_NAMES:
        return parse_iso(value, zone)
    compiled, fields = _compiled(pattern, locale)
    match = compiled.fullmatch(value)
    if match is None:
        raise RenderError(f"Text '{value}' could not be parsed by '{pattern}'")
    found = {f: g for (f, _), g in zip(fields, match.groups(), strict=True) if g is not None}
    counts = dict(fields)
    try:
        return _settle(found, counts, zone, locale)
    except (ValueError, OverflowError, KeyError) as error:
        raise RenderError(f"Text '{value}' could not be parsed: {error}") from None


@lru_cache(256)
def _compiled(pattern: str, locale: str) -> tuple[re.Pattern[str], tuple[tuple[str, int], ...]]:
    source = datenames.style_pattern(pattern, locale) if pattern in STYLES else STANDARD.get(pattern, pattern)
    reader = _Reader()
    _read(parts_of(source), reader, locale)
    return re.compile(reader.source), tuple(reader.fields)


def _read(parts: tuple[Part, ...], reader: _Reader, locale: str) -> None:
    for index, part in enumerate(parts):
        if part.letter == "":
            reader.source += re.escape(part.literal)
        elif part.letter == "[":
            reader.source += "(?:"
            _read(part.inner, reader, locale)
            reader.source += ")?+"
        elif part.letter == "p":
            reader.source += " *+"
        else:
            following = parts[index + 1].letter if index + 1 < len(parts) else ""
            reader.group(part, _expression(part, bool(following) and following in _NUMBERS + "M", locale))


def _expression(part: Part, adjacent: bool, locale: str) -> str:
    letter, count = part.letter, part.count
    if letter in _NUMBERS or (letter in "MLQqec" and count < 3):
        return _digits(letter, count, adjacent)
    if letter in "MLEecQqGaB":
        return "|".join(re.escape(name) for name in sorted(_names(part, locale), key=len, reverse=True))
    if letter == "O" or (letter == "Z" and count == 4):
        return r"GMT(?:[+-]\d{1,2}(?::?\d\d)?)?"
    if letter in "XxZ":
        return _OFFSET
    return r"[A-Za-z][A-Za-z0-9~/._+-]+|Z|[+-]\d\d:\d\d" if letter == "V" else r"[A-Za-z][A-Za-z ]*|[+-]\d\d:?\d\d"


def _digits(letter: str, count: int, adjacent: bool) -> str:
    if letter == "S" or (letter in "uyY" and count == 2):
        return rf"\d{{{count}}}"
    if letter in "uyY":
        return rf"\d{{{max(count, 1)}}}" if adjacent and count > 2 else rf"[+-]?\d{{{max(count, 1)},9}}"
    if count == 1:
        return r"\d" if adjacent else r"\d{1,19}"
    return rf"\d{{{count}}}"


def _names(part: Part, locale: str) -> dict[str, int]:
    """Every name that a letter can stand for, with its number."""
    size = width(part.count)
    match part.letter:
        case "M" | "L":
            return {datenames.month(n, size, _use(part), locale): n for n in range(1, 13)}
        case "E" | "e" | "c":
            return {datenames.day(n, size, _use(part), locale): n for n in range(7)}
        case "Q" | "q":
            return {datenames.quarter(n, size, _use(part), locale): n for n in range(1, 5)}
        case "G":
            return {datenames.era(1, size, locale): 1, datenames.era(-1, size, locale): 0}
        case _:
            return {datenames.half_day(0, locale): 0, datenames.half_day(12, locale): 1}


def _use(part: Part) -> datenames.Use:
    return "stand-alone" if part.letter in "Lcq" else "format"


def _settle(found: dict[str, str], counts: dict[str, int], zone: Zone, locale: str) -> Moment:
    where = _zone(found)
    day = _day(found, counts, locale)
    clock, nano = _clock(found, locale)
    local = datetime(day.year, day.month, day.day) + clock
    if where is None:
        return from_local(local, nano, zone)
    return from_local(local, nano, where)


def _zone(found: dict[str, str]) -> Zone | None:
    for letter in "XxZO":
        if letter in found:
            text = found[letter].removeprefix("GMT") or "Z"
            return offset_zone(text if len(text) != 2 else f"{text[0]}0{text[1]}")
    for letter in "Vzv":
        if letter in found:
            return zone_of(_ZONES.get(found[letter], found[letter]))
    return None


_ZONES = {
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "CET": "Europe/Paris",
    "CEST": "Europe/Paris",
    "BST": "Europe/London",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
}


def _day(found: dict[str, str], counts: dict[str, int], locale: str) -> date:
    letter = "y" if "y" in found else "u"
    if letter not in found:
        raise ValueError("it has no date")
    year = int(found[letter]) + (2000 if counts[letter] == 2 else 0)
    if "D" in found:
        return date(year, 1, 1) + timedelta(days=int(found["D"]) - 1)
    month = next((_month(found[m], counts[m], m, locale) for m in "ML" if m in found), None)
    if month is None or "d" not in found:
        raise ValueError("it has no date")
    return date(year, month, int(found["d"]))


def _month(text: str, count: int, letter: str, locale: str) -> int:
    return int(text) if count < 3 else _names(Part(letter, count), locale)[text]


def _clock(found: dict[str, str], locale: str) -> tuple[timedelta, int]:
    nano = int(found["S"].ljust(9, "0")) if "S" in found else int(found.get("n", "0"))
    if "A" in found or "N" in found:
        total = int(found["N"]) if "N" in found else int(found["A"]) * 1_000_000
        return timedelta(seconds=total // 1_000_000_000), total % 1_000_000_000
    hour = _hour(found, locale)
    minute, second = int(found.get("m", "0")), int(found.get("s", "0"))
    if not (hour < 24 and minute < 60 and second < 60):
        raise ValueError("the time of day is out of range")
    return timedelta(hours=hour, minutes=minute, seconds=second), nano


def _hour(found: dict[str, str], locale: str) -> int:
    if "H" in found:
        return int(found["H"])
    if "k" in found:
        return int(found["k"]) % 24
    for letter in "hK":
        if letter in found:
            late = "a" in found and _names(Part("a", 1), locale)[found["a"]]
            return int(found[letter]) % 12 + (12 if late else 0)
    return 0
