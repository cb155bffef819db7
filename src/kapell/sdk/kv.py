"""Values of the key-value store: from what a flow says to what is stored, and how two of them are merged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from kapell.errors import KapellError
from kapell.expr.json import parse_json
from kapell.ports.kv import KvType
from kapell.sdk.duration import format_duration, parse_duration


class BadValue(KapellError):
    """A value is not of the type that it should be stored as."""

    def __init__(self, value: object, type: KvType, reason: str = "") -> None:
        super().__init__(f"`{value}` is not a {type} value{reason and f': {reason}'}")


def type_of(value: object) -> KvType:
    """The type of a value that nobody has said the type of."""
    if isinstance(value, bool):
        return KvType.BOOLEAN
    if isinstance(value, int | float):
        return KvType.NUMBER
    return KvType.JSON if isinstance(value, Mapping | list) else KvType.STRING


def typed_value(value: object, type: KvType) -> object:
    """`value` as it is stored under `type`: dates, times and durations as ISO 8601 text; raises `BadValue`."""
    if type is KvType.STRING:
        return plain_text(value)
    if isinstance(value, str):
        return _read(value, type)
    if type_of(value) is not type and type is not KvType.JSON:
        raise BadValue(value, type)
    return value


def plain_text(value: object) -> str:
    """A value as text: JSON for lists and maps."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list):
        import json

        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def _read(text: str, type: KvType) -> object:
    try:
        match type:
            case KvType.NUMBER:
                return _number(text)
            case KvType.BOOLEAN:
                # Kestra: every text but "true" is false.
                return text.strip().lower() == "true"
            case KvType.DATETIME:
                return _instant(text)
            case KvType.DATE:
                return date.fromisoformat(text).isoformat()
            case KvType.DURATION:
                return format_duration(parse_duration(text))
            case _:
                return parse_json(text)
    except ValueError as error:
        raise BadValue(text, type, str(error)) from None


def _number(text: str) -> object:
    number = parse_json(text)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise ValueError("it is JSON of something else")
    return number


def _instant(text: str) -> str:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("it needs an offset, as in 2024-03-15T10:20:30Z")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def merged(old: object, new: object) -> object:
    """`new` over `old`: maps are merged to any depth, everything else is replaced."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}
