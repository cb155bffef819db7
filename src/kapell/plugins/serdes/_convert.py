"""Values → what a schema asks for: compiled once to functions, called for every row."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal, InvalidOperation
from typing import TypeAlias, cast

from kapell.plugins.serdes._schema import COLUMN, NULL, Schema, field_type, fields_of
from kapell.sdk.datetext import date_value
from kapell.sdk.kv import plain_text

Convert: TypeAlias = Callable[[object], object]
"""Raises `ValueError` or `TypeError` for what does not fit."""
DAY = "1970-01-01 "
DAY_PATTERN = "yyyy-MM-dd "


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts are read."""

    true_values: Collection[str]
    false_values: Collection[str]
    null_values: Collection[str]
    date: Callable[[str], datetime]
    time: Callable[[str], datetime]
    instant: Callable[[str], datetime]
    zone: tzinfo
    point: str
    strict: bool


def readers(
    date_format: str, time_format: str, datetime_format: str, zone: tzinfo
) -> tuple[Callable[[str], datetime], Callable[[str], datetime], Callable[[str], datetime]]:
    """What reads days, times of day and instants."""
    clock = date_value(DAY_PATTERN + time_format, zone)
    return date_value(date_format, zone), lambda text: clock(DAY + text), date_value(datetime_format, zone)


def converter(schema: Schema, reading: Reading, known: dict[str, Convert] | None = None) -> Convert:
    """What makes values of this schema."""
    known = {} if known is None else known
    if isinstance(schema, str):
        return _of_name(schema, reading, known)
    if not isinstance(schema, Mapping):
        return _union(schema, reading, known)
    logical = LOGICAL.get(str(schema.get("logicalType")))
    if logical is not None:
        return logical(schema, reading)
    kind = schema["type"]
    match kind:
        case "record":
            return _record(schema, reading, known)
        case "array":
            item = converter(cast(Schema, schema["items"]), reading, known)
            return lambda value: [item(each) for each in cast(list[object], _is(value, list))]
        case "map":
            inner = converter(cast(Schema, schema["values"]), reading, known)
            return lambda value: {
                str(key): inner(each) for key, each in cast(Mapping[str, object], _is(value, Mapping)).items()
            }
        case "enum":
            return _remembered(schema, _enum(cast(list[str], schema["symbols"])), known)
        case "fixed":
            return _remembered(schema, _fixed(cast(int, schema["size"])), known)
    return converter(cast(Schema, kind), reading, known)


def _of_name(name: str, reading: Reading, known: dict[str, Convert]) -> Convert:
    simple: Mapping[str, Convert] = {
        NULL: lambda value: _null(value, reading),
        "boolean": lambda value: _boolean(value, reading),
        "int": _integer,
        "long": _integer,
        "float": lambda value: _float(value, reading),
        "double": lambda value: _float(value, reading),
        "string": text_of_value,
        "bytes": _bytes,
    }
    if name in simple:
        return simple[name]
    if name not in known:
        raise ValueError(f"the schema has no type `{name}`")
    # It may still be in the making: a record that holds itself.
    return lambda value: known[name](value)


def _record(schema: Mapping[str, object], reading: Reading, known: dict[str, Convert]) -> Convert:
    name = str(schema.get("name", ""))
    known[name] = _unready
    fields = [
        (str(field["name"]), str(field.get(COLUMN, field["name"])), converter(field_type(field), reading, known))
        for field in fields_of(schema)
    ]
    columns = {column for _, column, _ in fields}
    defaults = {str(field["name"]): field["default"] for field in fields_of(schema) if "default" in field}

    def convert(value: object) -> object:
        if isinstance(value, list):
            value = {column: item for (_, column, _), item in zip(fields, value, strict=False)}
        row = cast(Mapping[str, object], value if type(value) is dict else _is(value, Mapping))
        if reading.strict and not row.keys() <= columns:
            raise ValueError(f"`{next(key for key in row if key not in columns)}` is not in the schema")
        made: dict[str, object] = {}
        column = ""
        try:
            for field, column, to in fields:
                absent = defaults and field in defaults and column not in row
                made[field] = defaults[field] if absent else to(row.get(column))
        except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
            raise ValueError(f"`{column}`: {str(error) or 'it does not fit'}") from None
        return made

    known[name] = convert
    return convert


def _unready(_value: object) -> object:
    raise ValueError("the schema is not complete")


def _remembered(schema: Mapping[str, object], made: Convert, known: dict[str, Convert]) -> Convert:
    known[str(schema.get("name", ""))] = made
    return made


def _union(kinds: object, reading: Reading, known: dict[str, Convert]) -> Convert:
    members = [converter(kind, reading, known) for kind in cast(list[Schema], kinds) if kind != NULL]
    nullable = NULL in cast(list[Schema], kinds)
    if nullable and len(members) == 1:
        return _optional(members[0], reading.null_values)

    def convert(value: object) -> object:
        if nullable and (value is None or (value in reading.null_values if type(value) is str else False)):
            return None
        problem: Exception = ValueError("null is not allowed")
        for member in members if value is not None else ():
            try:
                return member(value)
            except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
                problem = error
        raise ValueError(str(problem))

    return convert


def _optional(member: Convert, nulls: Collection[str]) -> Convert:
    """A value or null, which is what most fields are."""
    if not nulls:
        return lambda value: None if value is None else member(value)
    return lambda value: None if value is None or (type(value) is str and value in nulls) else member(value)


def _is(value: object, kind: type) -> object:
    if not isinstance(value, kind):
        raise TypeError(f"`{value}` is no {'list' if kind is list else 'map'}")
    return value


def _null(value: object, reading: Reading) -> None:
    if value is not None and value not in reading.null_values:
        raise ValueError(f"`{value}` is not null")


def _boolean(value: object, reading: Reading) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in reading.true_values or text in reading.false_values:
        return text in reading.true_values
    raise ValueError(f"`{value}` is no boolean")


def _integer(value: object) -> int:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, str | float | Decimal):
        raise TypeError(f"`{value}` is no integer")
    number = int(value)
    if not isinstance(value, str) and number != value:
        raise ValueError(f"`{value}` is no integer")
    return number


def _float(value: object, reading: Reading) -> float:
    if isinstance(value, str):
        return float(value.replace(reading.point, ".") if reading.point != "." else value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"`{value}` is no number")
    return float(value)


def text_of_value(value: object) -> str:
    """A value as text: dates as ISO 8601, bytes as base64, lists and maps as JSON."""
    if type(value) is str:
        return value
    if value is None:
        raise TypeError("null is no text")
    if isinstance(value, date | time):
        return value.isoformat().replace("+00:00", "Z")
    return b64encode(value).decode() if isinstance(value, bytes) else plain_text(value)


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes | str):
        raise TypeError(f"`{value}` is neither bytes nor text")
    return value.encode() if isinstance(value, str) else value


def _enum(symbols: list[str]) -> Convert:
    def convert(value: object) -> object:
        if value not in symbols:
            raise ValueError(f"`{value}` is none of {', '.join(symbols)}")
        return value

    return convert


def _fixed(size: int) -> Convert:
    def convert(value: object) -> bytes:
        made = _bytes(value)
        if len(made) != size:
            raise ValueError(f"it has {len(made)} bytes, not {size}")
        return made

    return convert


def _decimal(schema: Mapping[str, object], reading: Reading) -> Convert:
    scale, precision = cast(int, schema.get("scale", 0)), cast(int, schema.get("precision", 38))
    step = Decimal(1).scaleb(-scale)

    def convert(value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            raise TypeError(f"`{value}` is no number")
        text = str(value).replace(reading.point, ".") if isinstance(value, str) else str(value)
        number = Decimal(text)
        made = number.quantize(step)
        if made != number or len(made.as_tuple().digits) > precision:
            raise ValueError(f"`{value}` does not fit into decimal({precision}, {scale})")
        return made

    return convert


def _date(_schema: Mapping[str, object], reading: Reading) -> Convert:
    def convert(value: object) -> date:
        if isinstance(value, str):
            return reading.date(value).date()
        if isinstance(value, datetime):
            return value.date()
        if not isinstance(value, date):
            raise TypeError(f"`{value}` is no date")
        return value

    return convert


def _time(_schema: Mapping[str, object], reading: Reading) -> Convert:
    def convert(value: object) -> time:
        if isinstance(value, str):
            return reading.time(value).time()
        if not isinstance(value, time):
            raise TypeError(f"`{value}` is no time of day")
        return value

    return convert


def _instant(schema: Mapping[str, object], reading: Reading) -> Convert:
    local = str(schema["logicalType"]).startswith("local-")

    def convert(value: object) -> datetime:
        if isinstance(value, str):
            value = reading.instant(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if not isinstance(value, datetime):
            raise TypeError(f"`{value}` is no instant")
        if local:
            return value.replace(tzinfo=None)
        return (value if value.tzinfo else value.replace(tzinfo=reading.zone)).astimezone(UTC)

    return convert


LOGICAL: Mapping[str, Callable[[Mapping[str, object], Reading], Convert]] = {
    "decimal": _decimal,
    "date": _date,
    "time-millis": _time,
    "time-micros": _time,
    "timestamp-millis": _instant,
    "timestamp-micros": _instant,
    "local-timestamp-millis": _instant,
    "local-timestamp-micros": _instant,
}
