"""Literals where an input's type is known: whether a default, or a value that a trigger gives, can be of that type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from kapell.sdk.duration import parse_duration
from kapell.source.fields import shown
from kapell.source.nodes import is_expression, scalar_text

LONGEST_LIST = 1000
_WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def bad_literal(type: str, properties: Mapping[str, object], value: object) -> str | None:
    """Why `value` can't be of that type, or None; what holds an expression is not known yet, and so not bad."""
    if value is None or value == "" or _has_expression(value):
        return None
    if type in ("SELECT", "ENUM", "MULTISELECT"):
        return _not_offered(properties, value)
    reads = _READERS.get(type)
    if reads is None or (reads(value) if not isinstance(value, str) else reads(value.strip())):
        return None
    return f"`{shown(value)}` is not a valid {type} value"


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


def _integer(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and _WHOLE.fullmatch(value) is not None)


def _number(value: object) -> bool:
    return not isinstance(value, bool) and _passes(float, value, (int, float, str))


def _duration(value: object) -> bool:
    return _passes(lambda text: parse_duration(str(text)), value, (int, float, str))


def _email(value: object) -> bool:
    return isinstance(value, str) and _EMAIL.fullmatch(value) is not None


def _passes(read: Callable[[str], object], value: object, kinds: tuple[type, ...] = (str,)) -> bool:
    if not isinstance(value, kinds):
        return False
    try:
        read(value)  # type: ignore[arg-type]  # each reader takes the kinds it is called with
    except (ValueError, OverflowError):
        return False
    return True


_READERS: dict[str, Callable[[object], bool]] = {
    "INT": _integer,
    "FLOAT": _number,
    "DATE": lambda value: _passes(date.fromisoformat, value),
    "TIME": lambda value: _passes(time.fromisoformat, value),
    "DATETIME": lambda value: _passes(datetime.fromisoformat, value),
    "DURATION": _duration,
    "EMAIL": _email,
}
