"""Avro schemas and rows as Arrow's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from kapell.plugins.serdes._convert import text_of_value
from kapell.plugins.serdes._schema import COLUMN, NULL, Schema, field_type, fields_of

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # it has no annotations

BATCH_ROWS = 8192


def arrow_schema(record: Schema) -> pyarrow.Schema:
    """The columns of a record; their names are those of the table."""
    import pyarrow

    return pyarrow.schema(_fields(record))


def _fields(record: Schema) -> list[pyarrow.Field]:
    import pyarrow

    return [
        pyarrow.field(str(field.get(COLUMN, field["name"])), arrow_type(field_type(field)), _nullable(field["type"]))
        for field in fields_of(record)
    ]


def _nullable(kind: object) -> bool:
    return kind == NULL or (isinstance(kind, list) and NULL in kind)


def arrow_type(kind: Schema) -> pyarrow.DataType:
    """Arrow's type for one of Avro's; a choice of several becomes text."""
    import pyarrow

    if isinstance(kind, str):
        return getattr(pyarrow, _NAMES.get(kind, "string"))()
    if not isinstance(kind, Mapping):
        members = [member for member in kind if member != NULL]
        return arrow_type(members[0]) if len(members) == 1 else pyarrow.string()
    logical = str(kind.get("logicalType"))
    if logical == "decimal":
        precision = cast(int, kind.get("precision", 38))
        make = pyarrow.decimal128 if precision <= 38 else pyarrow.decimal256
        return make(precision, kind.get("scale", 0))
    if logical in _LOGICAL:
        name, arguments = _LOGICAL[logical]
        return getattr(pyarrow, name)(*arguments)
    match kind["type"]:
        case "record":
            return pyarrow.struct(_fields(kind))
        case "array":
            return pyarrow.list_(arrow_type(cast(Schema, kind["items"])))
        case "map":
            return pyarrow.map_(pyarrow.string(), arrow_type(cast(Schema, kind["values"])))
        case "fixed":
            return pyarrow.binary(kind["size"])
        case "enum":
            return pyarrow.string()
    return arrow_type(cast(Schema, kind["type"]))


_NAMES = {
    "null": "null",
    "boolean": "bool_",
    "int": "int32",
    "long": "int64",
    "float": "float32",
    "double": "float64",
    "bytes": "binary",
}
_LOGICAL: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "date": ("date32", ()),
    "time-millis": ("time32", ("ms",)),
    "time-micros": ("time64", ("us",)),
    "timestamp-millis": ("timestamp", ("ms", "UTC")),
    "timestamp-micros": ("timestamp", ("us", "UTC")),
    "local-timestamp-millis": ("timestamp", ("ms",)),
    "local-timestamp-micros": ("timestamp", ("us",)),
}


def batches(rows: Iterator[Mapping[str, object]], record: Schema) -> Iterator[pyarrow.RecordBatch]:
    """The rows as columns, some thousand at a time."""
    import pyarrow

    schema = arrow_schema(record)
    fields = [(str(field["name"]), _reshape(field_type(field))) for field in fields_of(record)]
    gathered: list[Mapping[str, object]] = []

    def batch() -> pyarrow.RecordBatch:
        columns = [
            pyarrow.array([row[name] if reshape is None else reshape(row[name]) for row in gathered], kind)
            for (name, reshape), kind in zip(fields, schema.types, strict=True)
        ]
        return pyarrow.record_batch(columns, schema=schema)

    for row in rows:
        gathered.append(row)
        if len(gathered) == BATCH_ROWS:
            yield batch()
            gathered.clear()
    if gathered:
        yield batch()


def _reshape(kind: Schema) -> Callable[[object], object] | None:
    """What Arrow wants otherwise: texts for a choice of types, columns by their own names. None where nothing is."""
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        members = [member for member in kind if member != NULL]
        if len(members) > 1:
            return lambda value: None if value is None else text_of_value(value)
        inner = _reshape(members[0]) if members else None
        return inner and (lambda value: None if value is None else inner(value))
    if not isinstance(kind, Mapping):
        return None
    match kind["type"]:
        case "array" if item := _reshape(cast(Schema, kind["items"])):
            return lambda value: [item(each) for each in cast(list[object], value)]
        case "map":
            values = _reshape(cast(Schema, kind["values"])) or (lambda value: value)
            return lambda value: [(key, values(each)) for key, each in cast(Mapping[str, object], value).items()]
        case "record":
            fields = [(str(f["name"]), str(f.get(COLUMN, f["name"])), _reshape(field_type(f))) for f in fields_of(kind)]
            if all(name == column and to is None for name, column, to in fields):
                return None
            return lambda value: {
                column: to(cast(Mapping[str, object], value)[name]) if to else cast(Mapping[str, object], value)[name]
                for name, column, to in fields
            }
    return None
