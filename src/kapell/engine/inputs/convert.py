"""One converter for each type: what was given (or made by an expression) becomes a value that a row can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kapell.engine.inputs.choice import check_chosen, to_choice
from kapell.engine.inputs.file import to_address
from kapell.engine.inputs.invalid import Invalid, brief
from kapell.engine.inputs.moment import to_date, to_instant, to_seconds, to_time
from kapell.engine.inputs.scalar import to_boolean, to_email, to_float, to_integer, to_text
from kapell.engine.inputs.structure import to_ion, to_json, to_list, to_yaml
from kapell.engine.inputs.uri import to_uri

Properties = Mapping[str, object]
Converter = Callable[[object, Properties], object]
NO_KEY = "Unable to use a `SECRET` input/output as encryption is not configured"


def convert_value(type: str, value: object, properties: Properties) -> object:
    """A value of an input's or output's type, as plain JSON; raises `Invalid`.

    `properties` are the type's own limits, by Kestra's names.
    """
    convert = _CONVERTERS.get(type)
    if convert is None:
        raise Invalid(f"Invalid type: {type}")
    return convert(value, properties)


def _list(value: object, properties: Properties) -> list[object]:
    items = to_list(value)
    item_type = properties.get("itemType")
    return [_item(str(item_type), item) for item in items] if item_type else [_as_is(item) for item in items]


def _chosen(value: object, properties: Properties) -> list[object]:
    single = isinstance(value, str) and not value.lstrip().startswith("[")
    items = [_item(str(properties.get("itemType", "STRING")), item) for item in ([value] if single else to_list(value))]
    check_chosen(items, properties)
    return items


def _item(type: str, item: object) -> object:
    try:
        return convert_value(type, item, {})
    except Invalid:
        raise Invalid(f"Unable to parse array element as `{type}` on `{brief(item)}`") from None


def _as_is(value: object) -> object:
    return value if isinstance(value, str) else to_json(value, {})


def _secret(value: object, properties: Properties) -> object:
    raise Invalid(NO_KEY)


_CONVERTERS: dict[str, Converter] = {
    "STRING": to_text,
    "INT": to_integer,
    "FLOAT": to_float,
    "BOOL": to_boolean,
    "BOOLEAN": to_boolean,
    "SELECT": to_choice,
    "ENUM": to_choice,
    "MULTISELECT": _chosen,
    "ARRAY": _list,
    "DATETIME": to_instant,
    "DATE": to_date,
    "TIME": to_time,
    "DURATION": to_seconds,
    "FILE": to_address,
    "JSON": to_json,
    "YAML": to_yaml,
    "ION": to_ion,
    "URI": to_uri,
    "EMAIL": to_email,
    "SECRET": _secret,
}
