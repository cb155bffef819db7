"""Lists and maps: given as they are, or as text in the notation of their type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from kapell.engine.inputs.invalid import cannot_convert, expected
from kapell.engine.inputs.schema import check_schema
from kapell.expr.ion import parse_ion
from kapell.expr.json import parse_json
from kapell.expr.printing import scalar_text
from kapell.expr.yamltext import parse_yaml

Properties = Mapping[str, object]


def to_json(value: object, properties: Properties) -> object:
    """Any value; text is read as JSON."""
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except ValueError as error:
            raise expected("JSON", value, error) from None
    if (schema := properties.get("jsonSchema")) is not None:
        check_schema(value, schema)
    return plain(value)


def to_yaml(value: object, _: Properties) -> object:
    """Any value; text is read as YAML."""
    if not isinstance(value, str):
        return plain(value)
    from yaml import YAMLError

    try:
        return plain(parse_yaml(value))
    except (ValueError, YAMLError) as error:
        raise expected("YAML", value, " ".join(str(error).split())) from None


def to_ion(value: object, _: Properties) -> object:
    """Any value; text is read as Ion, several values as a list of them."""
    if not isinstance(value, str):
        return plain(value)
    try:
        found = parse_ion(value)
    except (ValueError, ArithmeticError) as error:
        raise expected("ION", value, error) from None
    return plain(found[0] if len(found) == 1 else found)


def to_list(value: object) -> list[object]:
    """A list, given as one or as JSON text."""
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except ValueError:
            raise cannot_convert(value, "List") from None
    if isinstance(value, list | tuple):
        return list(value)
    raise cannot_convert(value, "List")


def plain(value: object) -> object:
    """The value in what JSON has."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    return scalar_text(value) if isinstance(value, date | datetime | time | timedelta | bytes) else str(value)
