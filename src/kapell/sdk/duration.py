"""Durations as Kestra reads them: ISO 8601 in any case, or a bare number of seconds."""

from __future__ import annotations

import re
from datetime import timedelta

_ISO = re.compile(
    r"(?P<sign>[+-])?P(?:(?P<days>[+-]?\d+)D)?"
    r"(?:T(?:(?P<hours>[+-]?\d+)H)?(?:(?P<minutes>[+-]?\d+)M)?(?:(?P<seconds>[+-]?\d+(?:[.,]\d{0,9})?)S)?)?",
    re.IGNORECASE,
)


def parse_duration(text: str) -> timedelta:
    """The span that `text` names; raises ValueError, which says what is understood. Weeks, months, years are not."""
    text = text.strip()
    try:
        return timedelta(seconds=float(text))
    except (ValueError, OverflowError):
        match = _ISO.fullmatch(text)
    parts = {k: v for k, v in match.groupdict().items() if v and k != "sign"} if match else {}
    if not match or not parts or text[-1] in "Tt":
        raise ValueError(f"`{text}` is not a duration such as PT30S, PT5M or P1D")
    try:
        span = timedelta(**{unit: float(number.replace(",", ".")) for unit, number in parts.items()})
    except OverflowError:
        raise ValueError(f"`{text}` is too long a duration") from None
    return -span if match["sign"] == "-" else span


def format_duration(span: timedelta) -> str:
    """ISO 8601 as Java prints it: `PT1H0.5S`, `PT0S`."""
    total = round(span.total_seconds() * 1_000_000)
    sign, total = ("-", -total) if total < 0 else ("", total)
    hours, rest = divmod(total, 3_600_000_000)
    minutes, micros = divmod(rest, 60_000_000)
    text = "PT"
    if hours:
        text += f"{sign}{hours}H"
    if minutes:
        text += f"{sign}{minutes}M"
    if micros or text == "PT":
        seconds = f"{micros // 1_000_000}.{micros % 1_000_000:06d}".rstrip("0").rstrip(".")
        text += f"{sign}{seconds}S"
    return text
