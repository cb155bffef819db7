"""Java's date patterns: letters → parts, compiled once, and the text that they make of a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from msgspec import Struct

from kapell.errors import RenderError
from kapell.expr import datenames
from kapell.expr.datenames import Use, Width
from kapell.expr.moment import Moment

LETTERS = "GuyDMLdQqYwWEecFaBhKkHmsSAnNVvzOXxZp"
_MOST = {"D": 3, "M": 5, "L": 5, "Q": 5, "q": 5, "G": 5, "E": 5, "e": 5, "c": 5, "w": 2, "W": 1, "F": 1, "a": 1, "B": 5}
_MOST |= {
    "d": 2,
    "h": 2,
    "K": 2,
    "k": 2,
    "H": 2,
    "m": 2,
    "s": 2,
    "S": 9,
    "V": 2,
    "v": 4,
    "z": 4,
    "O": 4,
    "X": 5,
    "x": 5,
    "Z": 5,
}
LONGEST = 1000

STANDARD: dict[str, str] = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_milli": "yyyy-MM-dd HH:mm:ss.SSS",
    "sql_sec": "yyyy-MM-dd HH:mm:ss",
    "iso_date": "uuuu-MM-ddXXX",
    "iso_local_date": "uuuu-MM-dd",
    "iso_ordinal_date": "uuuu-DDDXXX",
}
STYLES = ("full", "long", "medium", "short")


class Part(Struct, frozen=True):
    """A run of one letter, a literal (letter ""), or an optional section (letter "[")."""

    letter: str
    count: int = 0
    literal: str = ""
    inner: tuple[Part, ...] = ()


@lru_cache(512)
def parts_of(pattern: str) -> tuple[Part, ...]:
    """The parts of a pattern; raises `RenderError` for an unknown letter."""
    if len(pattern) > LONGEST:
        raise RenderError("The date pattern is too long")
    found, end = _section(pattern, 0, 0)
    if end < len(pattern):
        raise RenderError("Pattern invalid as it contains ] without previous [")
    return found


def _section(pattern: str, at: int, depth: int) -> tuple[tuple[Part, ...], int]:
    if depth > 20:
        raise RenderError("The date pattern is nested too deeply")
    found: list[Part] = []
    while at < len(pattern):
        character = pattern[at]
        if character == "]":
            break
        if character == "[":
            inner, at = _section(pattern, at + 1, depth + 1)
            found.append(Part("[", inner=inner))
            at += 1
        elif character == "'":
            text, at = _quoted(pattern, at + 1)
            found.append(Part("", literal=text))
        elif character.isascii() and character.isalpha():
            run = len(pattern) - at - len(pattern[at:].lstrip(character))
            found.append(_letters(character, run))
            at += run
        elif character in "{}#":
            raise RenderError(f"Pattern includes reserved character: '{character}'")
        else:
            found.append(Part("", literal=character))
            at += 1
    return tuple(found), at


def _quoted(pattern: str, at: int) -> tuple[str, int]:
    text = ""
    if pattern[at : at + 1] == "'":
        return "'", at + 1
    while at < len(pattern):
        if pattern[at] == "'":
            if pattern[at + 1 : at + 2] != "'":
                return text, at + 1
            at += 1
        text += pattern[at]
        at += 1
    raise RenderError(f"Pattern ends with an incomplete string literal: {pattern}")


def _letters(letter: str, count: int) -> Part:
    if letter not in LETTERS:
        raise RenderError(f"Unknown pattern letter: {letter}")
    if count > _MOST.get(letter, 19):
        raise RenderError(f"Too many pattern letters: {letter}")
    if (letter == "V" and count != 2) or (letter in "vO" and count not in (1, 4)):
        raise RenderError(f"Pattern letter count must be {2 if letter == 'V' else '1 or 4'}: {letter}")
    if letter == "c" and count == 2:
        raise RenderError('Invalid pattern "cc"')
    return Part(letter, count)


def format_moment(moment: Moment, pattern: str, locale: str) -> str:
    """The text of a moment by a named format, a style or a pattern."""
    named = _NAMED.get(pattern)
    if named is not None:
        return named(moment)
    source = datenames.style_pattern(pattern, locale) if pattern in STYLES else STANDARD.get(pattern, pattern)
    return format_parts(moment, parts_of(source), locale)


def format_parts(moment: Moment, parts: tuple[Part, ...], locale: str) -> str:
    """The text of a moment by the parts of a pattern."""
    made: list[str] = []
    pad = 0
    for part in parts:
        if part.letter == "p":
            pad = part.count
            continue
        if part.letter == "":
            text = part.literal
        elif part.letter == "[":
            text = format_parts(moment, part.inner, locale)
        else:
            text = _FORMATS[part.letter](moment, part.count, locale)
        made.append(text.rjust(pad))
        pad = 0
    return "".join(made)


def _iso_local_time(moment: Moment) -> str:
    fraction = f"{moment.nano:09}".rstrip("0")
    return f"{moment.local:%H:%M:%S}" + (f".{fraction}" if fraction else "")


def _iso_local(moment: Moment) -> str:
    return f"{moment.local.year:04}-{moment.local:%m-%d}T{_iso_local_time(moment)}"


def _iso_zoned(moment: Moment) -> str:
    region = "" if moment.zone.fixed and moment.zone.name not in ("UTC", "GMT", "UT") else f"[{moment.zone.name}]"
    return _iso_local(moment) + offset_text(moment, 3, "Z") + region


def _iso_instant(moment: Moment) -> str:
    from kapell.expr.moment import zone_of

    utc = moment.at(zone_of("UTC"))
    digits = f"{utc.nano:09}"
    kept = next((n for n in (0, 3, 6, 9) if not digits[n:].strip("0")), 9)
    return f"{utc.local.year:04}-{utc.local:%m-%dT%H:%M:%S}" + (f".{digits[:kept]}" if kept else "") + "Z"


def _iso_week(moment: Moment) -> str:
    year, week, day = moment.local.date().isocalendar()
    return f"{year:04}-W{week:02}-{day}{offset_text(moment, 3, 'Z')}"


def _rfc_1123(moment: Moment) -> str:
    words = format_parts(moment, parts_of("EEE, d MMM yyyy HH:mm:ss "), "en_US")
    return words + offset_text(moment, 2, "GMT")


_NAMED: dict[str, Callable[[Moment], str]] = {
    "iso_date_time": _iso_zoned,
    "iso_zoned_date_time": _iso_zoned,
    "iso_local_date_time": _iso_local,
    "iso_local_time": _iso_local_time,
    "iso_time": lambda m: _iso_local_time(m) + offset_text(m, 3, "Z"),
    "iso_offset_time": lambda m: _iso_local_time(m) + offset_text(m, 3, "Z"),
    "iso_instant": _iso_instant,
    "iso_week_date": _iso_week,
    "rfc_1123_date_time": _rfc_1123,
}


def offset_text(moment: Moment, style: int, zero: str) -> str:
    """An offset as X's counts write it: 1 `+05` or `+0530`, 2 `+0530`, 3 `+05:30`, 4 and 5 with seconds."""
    seconds = int(moment.offset.total_seconds())
    if not seconds and zero:
        return zero
    sign, size = ("-" if seconds < 0 else "+"), abs(seconds)
    hours, minutes, rest = size // 3600, size // 60 % 60, size % 60
    if style == 1:
        return f"{sign}{hours:02}" + (f"{minutes:02}" if minutes else "")
    between = ":" if style in (3, 5) else ""
    tail = f"{between}{rest:02}" if style in (4, 5) and rest else ""
    return f"{sign}{hours:02}{between}{minutes:02}{tail}"


def _gmt(moment: Moment, count: int) -> str:
    seconds = int(moment.offset.total_seconds())
    if not seconds:
        return "GMT"
    sign, size = ("-" if seconds < 0 else "+"), abs(seconds)
    hours, minutes = size // 3600, size // 60 % 60
    if count == 4:
        return f"GMT{sign}{hours:02}:{minutes:02}"
    return f"GMT{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _zone_offset(moment: Moment, count: int, locale: str) -> str:
    if count == 4:
        return _gmt(moment, 4)
    return offset_text(moment, 5, "Z") if count == 5 else offset_text(moment, 2, "")


def _padded(value: int, count: int) -> str:
    return str(value).rjust(count, "0")


def _year(moment: Moment, count: int, locale: str) -> str:
    return _year_text(moment.local.year, count)


def _year_text(year: int, count: int) -> str:
    return f"{year % 100:02}" if count == 2 else _padded(year, count)


def width(count: int) -> Width:
    """How wide a name is with so many letters."""
    return "wide" if count == 4 else "narrow" if count == 5 else "abbreviated"


def _month(use: Use) -> Callable[[Moment, int, str], str]:
    def text(moment: Moment, count: int, locale: str) -> str:
        number = moment.local.month
        return _padded(number, count) if count < 3 else datenames.month(number, width(count), use, locale)

    return text


def _quarter(use: Use) -> Callable[[Moment, int, str], str]:
    def text(moment: Moment, count: int, locale: str) -> str:
        number = (moment.local.month + 2) // 3
        return _padded(number, count) if count < 3 else datenames.quarter(number, width(count), use, locale)

    return text


def _weekday(use: Use) -> Callable[[Moment, int, str], str]:
    def text(moment: Moment, count: int, locale: str) -> str:
        if count < 3:
            first, _ = datenames.week_rules(locale)
            return _padded((moment.local.weekday() - first) % 7 + 1, count)
        return datenames.day(moment.local.weekday(), width(count), use, locale)

    return text


def week_of_year(day: date, locale: str) -> tuple[int, int]:
    """The week-based year and the week in it, as the locale counts weeks."""
    first, least = datenames.week_rules(locale)
    for year in (day.year + 1, day.year, day.year - 1):
        start = _week_one(year, first, least)
        if start is not None and day >= start:
            return year, (day - start).days // 7 + 1
    return day.year, 1


def _week_one(year: int, first: int, least: int) -> date | None:
    if not 1 <= year <= 9999:
        return None
    new_year = date(year, 1, 1)
    back = (new_year.weekday() - first) % 7
    shift = -back if 7 - back >= least else 7 - back
    return new_year + timedelta(days=shift) if year > 1 or shift >= 0 else new_year


def _week_of_month(moment: Moment, count: int, locale: str) -> str:
    first, least = datenames.week_rules(locale)
    back = (moment.local.replace(day=1).weekday() - first) % 7
    head = 7 - back
    week = (moment.local.day - 1 + back) // 7 + (1 if head >= least else 0)
    return _padded(week, count)


def _nano_of_day(moment: Moment) -> int:
    local = moment.local
    return (local.hour * 3600 + local.minute * 60 + local.second) * 1_000_000_000 + moment.nano


def _zone_text(moment: Moment, count: int, locale: str) -> str:
    return datenames.zone_name(moment, "long" if count == 4 else "short", locale)


_FORMATS: dict[str, Callable[[Moment, int, str], str]] = {
    "G": lambda m, n, loc: datenames.era(m.local.year, width(n), loc),
    "u": _year,
    "y": _year,
    "D": lambda m, n, loc: _padded(m.local.timetuple().tm_yday, n),
    "M": _month("format"),
    "L": _month("stand-alone"),
    "d": lambda m, n, loc: _padded(m.local.day, n),
    "Q": _quarter("format"),
    "q": _quarter("stand-alone"),
    "Y": lambda m, n, loc: _year_text(week_of_year(m.local.date(), loc)[0], n),
    "w": lambda m, n, loc: _padded(week_of_year(m.local.date(), loc)[1], n),
    "W": _week_of_month,
    "E": lambda m, n, loc: datenames.day(m.local.weekday(), width(n), "format", loc),
    "e": _weekday("format"),
    "c": _weekday("stand-alone"),
    "F": lambda m, n, loc: _padded((m.local.day - 1) // 7 + 1, n),
    "a": lambda m, n, loc: datenames.half_day(m.local.hour, loc),
    "B": lambda m, n, loc: datenames.day_period(m.local, width(n), loc),
    "h": lambda m, n, loc: _padded((m.local.hour - 1) % 12 + 1, n),
    "K": lambda m, n, loc: _padded(m.local.hour % 12, n),
    "k": lambda m, n, loc: _padded(m.local.hour or 24, n),
    "H": lambda m, n, loc: _padded(m.local.hour, n),
    "m": lambda m, n, loc: _padded(m.local.minute, n),
    "s": lambda m, n, loc: _padded(m.local.second, n),
    "S": lambda m, n, loc: f"{m.nano:09}"[:n],
    "A": lambda m, n, loc: _padded(_nano_of_day(m) // 1_000_000, n),
    "n": lambda m, n, loc: _padded(m.nano, n),
    "N": lambda m, n, loc: _padded(_nano_of_day(m), n),
    "V": lambda m, n, loc: m.zone.name,
    "v": lambda m, n, loc: datenames.generic_zone_name(m, "long" if n == 4 else "short", loc),
    "z": _zone_text,
    "O": lambda m, n, loc: _gmt(m, n),
    "X": lambda m, n, loc: offset_text(m, n, "Z"),
    "x": lambda m, n, loc: offset_text(m, n, ""),
    "Z": _zone_offset,
}
