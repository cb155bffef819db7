"""Literals where an input's type is known: whether a default, or a value that a trigger gives, can be of that type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from kapell.errors import RenderError
from kapell.expr.regexp import pattern
from kapell.sdk.duration import format_duration, parse_duration
from kapell.source.fields import shown
from kapell.source.nodes import is_expression, scalar_text

LONGEST_LIST = 1000
LONGEST_MATCHED = 10_000
MATCH_SECONDS = 0.1
LEAST_INT, MOST_INT = -(2**31), 2**31 - 1
CHECKED_LATER = frozenset({"MULTISELECT", "ENUM"})
"""Kestra: what is given for these is not looked at before an execution is made."""
Limited: TypeAlias = float | date | datetime | time | timedelta
_WHOLE = re.compile(r"[-+]?\d{1,20}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[-+]\d\d(?::?\d\d)?)", re.ASCII)
_EMAIL = re.compile(r"[a-zA-Z0-9_!#$%&'*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+")
_NOT_IN_A_URI = re.compile(r"[\s<>\"{}|\\^`]")


def bad_literal(type: str, properties: Mapping[str, object], value: object) -> str | None:
    """Why `value` can't be of that type, or None; what holds an expression is not known yet, and so not bad."""
    if value is None or value == "" or _has_expression(value):
        return None
    if type in ("SELECT", "ENUM", "MULTISELECT"):
        return _not_offered(properties, value)
    if type in _TEXTS:
        return _TEXTS[type](properties, _text(value))
    reads = _READERS.get(type)
    if reads is None:
        return None
    try:
        found = reads(value)
    except (ValueError, OverflowError):
        return f"`{shown(_text(value))}` is not a valid {type} value"
    return _beyond(type, properties, found)


def _has_expression(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_expression(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_expression(item) for item in value)
    return is_expression(value)


def _not_offered(properties: Mapping[str, object], value: object) -> str | None:
    values = properties.get("values") or properties.get("options")
    if not isinstance(values, list) or properties.get("allowCustomValue"):
        return None
    offered = dict.fromkeys(_text(item.get("value") if isinstance(item, Mapping) else item) for item in values)
    chosen = value if isinstance(value, list) else _list_in(value)
    if all(_text(item) in offered for item in chosen):
        return None
    return f"it must match the values `[{shown(', '.join(offered), LONGEST_LIST)}]`"


def _list_in(value: object) -> list[object]:
    if isinstance(value, str) and value.startswith("["):
        try:
            found: object = json.loads(value)
        except (ValueError, RecursionError):
            return [value]
        return found if isinstance(found, list) else [value]
    return [value]


def _text(value: object) -> str:
    return scalar_text(value) if isinstance(value, str | int | float | bool) else str(value)


def _unlike(properties: Mapping[str, object], text: str) -> str | None:
    """The validator of a text; one that can't be compiled or takes long is not held against the text."""
    validator = properties.get("validator")
    if not isinstance(validator, str) or is_expression(validator) or len(text) > LONGEST_MATCHED:
        return None
    try:
        fits = pattern(validator).fullmatch(text, timeout=MATCH_SECONDS) is not None
    except (RenderError, TimeoutError):
        return None
    return None if fits else f"it must match the pattern `{shown(validator)}`"


def _no_email(_: Mapping[str, object], text: str) -> str | None:
    return None if _EMAIL.fullmatch(text) else "The input must be a valid email"


def _no_uri(_: Mapping[str, object], text: str) -> str | None:
    return f"`{shown(text)}` is not a valid URI value" if _NOT_IN_A_URI.search(text) else None


def _beyond(type: str, properties: Mapping[str, object], value: Limited) -> str | None:
    """The limits that an input has; one that is none itself limits nothing."""
    low, high, words = _LIMITS[type]
    least, most = (_limit(type, properties.get(key)) for key in (low, high))
    if least is not None and value < least:  # type: ignore[operator]  # both were read by the type's own reader
        return f"it must be {words[0]} `{_printed(least)}`"
    if most is not None and value > most:  # type: ignore[operator]
        return f"it must be {words[1]} `{_printed(most)}`"
    return None


def _limit(type: str, value: object) -> Limited | None:
    try:
        return None if value is None else _READERS[type](value)
    except (ValueError, OverflowError):
        return None


def _printed(value: Limited) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


def _integer(value: object) -> int:
    if isinstance(value, bool) or not _WHOLE.fullmatch(_text(value).strip()):
        raise ValueError
    number = int(_text(value))
    # Kestra: its INT has 32 bits
    if not LEAST_INT <= number <= MOST_INT:
        raise ValueError
    return number


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    return float(value)


def _duration(value: object) -> timedelta:
    if isinstance(value, bool):
        raise ValueError
    return parse_duration(_text(value))


def _in_form(form: re.Pattern[str], read: Callable[[str], Limited]) -> Callable[[object], Limited]:
    def reads(value: object) -> Limited:
        text = _text(value).strip()
        if not form.fullmatch(text):
            raise ValueError
        return read(text)

    return reads


_TEXTS: dict[str, Callable[[Mapping[str, object], str], str | None]] = {
    "STRING": _unlike,
    "EMAIL": _no_email,
    "URI": _no_uri,
}
_READERS: dict[str, Callable[[object], Limited]] = {
    "INT": _integer,
    "FLOAT": _number,
    "DATE": _in_form(_DATE, date.fromisoformat),
    "TIME": _in_form(_TIME, time.fromisoformat),
    "DATETIME": _in_form(_INSTANT, lambda text: datetime.fromisoformat(text.upper())),
    "DURATION": _duration,
}
_AMOUNTS = ("min", "max", ("more than", "less than"))
_MOMENTS = ("after", "before", ("after", "before"))
_LIMITS = dict.fromkeys(("INT", "FLOAT", "DURATION"), _AMOUNTS) | dict.fromkeys(("DATE", "TIME", "DATETIME"), _MOMENTS)
