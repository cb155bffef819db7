"""Avro schemas, by which Avro and Parquet are written: read as JSON, or inferred from the first rows of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias, cast

from kapell.sdk import TaskFailed

Schema: TypeAlias = "str | Mapping[str, object] | Sequence[Schema]"
"""A type of Avro: its name, a map with `type` and more, or a list of which it is one."""

NULL = "null"
COLUMN = "column"
"""The key of a field that keeps the column's name where Avro allows no such name."""
WIDEST = 38


def parse_schema(text: str) -> Schema:
    """The schema that a JSON text says; it must be of a record."""
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise TaskFailed(f"The schema is no JSON: {error}") from None
    if not isinstance(schema, dict) or schema.get("type") != "record" or not isinstance(schema.get("fields"), list):
        raise TaskFailed("The schema must be of a record with fields")
    return schema


def infer_schema(rows: Iterable[object]) -> Schema:
    """The schema that fits these rows; every field may be null."""
    kind: Schema = NULL
    for row in rows:
        kind = merged(kind, kind_of(row))
    if not isinstance(kind, Mapping) or kind.get("type") != "record":
        kind = {"type": "record", "fields": [] if kind == NULL else [{"name": "value", "type": kind}]}
    return _named(kind, "root")


def kind_of(value: object) -> Schema:
    """The type of one value; a record has no name yet."""
    if isinstance(value, Mapping):
        fields = [{"name": str(name), "type": kind_of(item)} for name, item in value.items()]
        return {"type": "record", "fields": fields}
    if isinstance(value, list):
        items: Schema = NULL
        for item in value:
            items = merged(items, kind_of(item))
        return {"type": "array", "items": items}
    if isinstance(value, datetime):
        return {"type": "long", "logicalType": "timestamp-micros" if value.tzinfo else "local-timestamp-micros"}
    if isinstance(value, date):
        return {"type": "int", "logicalType": "date"}
    if isinstance(value, Decimal):
        return _decimal(max(0, -cast(int, value.as_tuple().exponent)))
    return _NAMES.get(type(value), "string")


_NAMES: Mapping[type, str] = {type(None): NULL, bool: "boolean", int: "long", float: "double", bytes: "bytes"}


def _decimal(scale: int) -> Schema:
    return {"type": "bytes", "logicalType": "decimal", "precision": WIDEST, "scale": scale}


def merged(one: Schema, other: Schema) -> Schema:
    """The narrowest type that holds the values of both."""
    if one == other or other == NULL:
        return one
    if one == NULL:
        return other
    if isinstance(one, Mapping) and isinstance(other, Mapping) and one.get("type") == other.get("type"):
        if one["type"] == "array":
            return {"type": "array", "items": merged(cast(Schema, one["items"]), cast(Schema, other["items"]))}
        if one["type"] == "record":
            return {"type": "record", "fields": _fields(one, other)}
    numbers = [_scale(kind) for kind in (one, other)]
    if None in numbers:
        return "string"
    return "double" if "double" in (one, other) else _decimal(max(number or 0 for number in numbers))


def _scale(kind: Schema) -> int | None:
    """How many digits a number has behind the point; None for what is no number."""
    if kind in ("long", "double"):
        return 0
    is_decimal = isinstance(kind, Mapping) and kind.get("logicalType") == "decimal"
    return cast(int, cast(Mapping[str, object], kind)["scale"]) if is_decimal else None


def _fields(one: Mapping[str, object], other: Mapping[str, object]) -> list[Mapping[str, object]]:
    found = {str(field["name"]): cast(Schema, field["type"]) for field in fields_of(one)}
    for field in fields_of(other):
        name, kind = str(field["name"]), cast(Schema, field["type"])
        found[name] = merged(found.get(name, NULL), kind)
    return [{"name": name, "type": kind} for name, kind in found.items()]


def fields_of(record: Schema) -> Sequence[Mapping[str, object]]:
    """The fields of a record."""
    return cast(Sequence[Mapping[str, object]], cast(Mapping[str, object], record)["fields"])


def field_type(field: Mapping[str, object]) -> Schema:
    """A field's type; attributes such as `items` or `logicalType` may stand beside it."""
    kind = cast(Schema, field["type"])
    return field if isinstance(kind, str) and kind in ("array", "map", "enum", "fixed", "record") else kind


def _named(kind: Schema, name: str) -> Schema:
    """With names for records, every field and element nullable, and names that Avro allows."""
    if not isinstance(kind, Mapping):
        return kind
    if kind["type"] == "array":
        return {"type": "array", "items": _nullable(cast(Schema, kind["items"]), name)}
    if kind["type"] != "record":
        return kind
    taken: set[str] = set()
    fields = [_field(field, name, taken) for field in fields_of(kind)]
    return {"type": "record", "name": name, "fields": fields}


def _field(field: Mapping[str, object], parent: str, taken: set[str]) -> Mapping[str, object]:
    column = str(field["name"])
    name = re.sub(r"[^A-Za-z0-9_]", "_", column)
    name = name if re.match(r"[A-Za-z_]", name) else f"_{name}"
    while name in taken:
        name += "_"
    taken.add(name)
    made = {"name": name, "type": _nullable(cast(Schema, field["type"]), f"{parent}_{name}"), "default": None}
    return made if name == column else {**made, COLUMN: column}


def _nullable(kind: Schema, name: str) -> Schema:
    return [NULL, "string"] if kind == NULL else [NULL, _named(kind, name)]
