"""Declared inputs, of a flow or of a task that asks for some."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kapell.model.flow import Output
from kapell.model.input import Input
from kapell.source.fields import NOT_NULL, Fields, shown
from kapell.source.literal import CHECKED_LATER, bad_literal
from kapell.source.nodes import MapNode, Place, is_expression
from kapell.source.pattern import is_pattern
from kapell.source.problem import Findings, did_you_mean

INPUT_ID = "^[a-zA-Z0-9][.a-zA-Z0-9_-]*"
_ID = re.compile(INPUT_ID, re.ASCII)
_CHOICE = ("values", "expression", "allowCustomValue", "autoSelectFirst")
OWN: dict[str, tuple[str, ...]] = {
    "STRING": ("validator",),
    "SECRET": ("validator",),
    "INT": ("min", "max"),
    "FLOAT": ("min", "max"),
    "BOOL": (),
    "BOOLEAN": (),
    "SELECT": (*_CHOICE, "isRadio"),
    "MULTISELECT": (*_CHOICE, "options", "itemType"),
    "ENUM": ("values",),
    "DATETIME": ("after", "before"),
    "DATE": ("after", "before"),
    "TIME": ("after", "before"),
    "DURATION": ("min", "max"),
    "FILE": ("extension", "allowedFileExtensions", "accept"),
    "JSON": ("jsonSchema",),
    "YAML": (),
    "ION": (),
    "URI": (),
    "EMAIL": (),
    "ARRAY": ("itemType",),
    "FORM": ("inputs",),
}
"""The types of inputs with the properties that only they have."""
_NOT_AN_ITEM = frozenset({"ARRAY", "SECRET", "MULTISELECT", "SELECT", "ENUM"})
_FILE_ADDRESS = re.compile(r"(?:file|nsfile|kestra):")
_FILE_DEFAULT = (
    "inputs of type 'FILE' only support `defaults` as local files using a file URI or as namespace files using a "
    "nsfile URI"
)


def read_inputs(items: Iterable[tuple[MapNode, Place]], findings: Findings) -> tuple[Input, ...]:
    """The inputs that a list declares, those left out that have no type."""
    read = (_input(Fields(node, place, findings)) for node, place in items)
    return tuple(found for found in read if found is not None)


def read_outputs(items: Iterable[tuple[MapNode, Place]], findings: Findings) -> tuple[Output, ...]:
    """The typed outputs that a flow (or a loop) declares."""
    return tuple(_output(Fields(node, place, findings)) for node, place in items)


def _input(fields: Fields) -> Input | None:
    id = _id(fields)
    type = _type(fields)
    if type is None:
        return None
    inner = read_inputs(fields.maps("inputs"), fields.findings) if type == "FORM" else ()
    depends_on, condition = _depends_on(fields)
    properties = {key: value for key in OWN[type] if key != "inputs" and (value := fields.raw(key)) is not None}
    found = Input(
        id=id,
        type=type,
        required=fields.boolean("required", default=True),
        defaults=fields.raw("defaults"),
        prefill=fields.raw("prefill"),
        display_name=fields.text("displayName") or "",
        description=fields.text("description") or "",
        depends_on=depends_on,
        condition=condition,
        properties=properties,
        inputs=inner,
    )
    fields.refuse_unknown(f"io.kestra.core.models.flows.input.{type.capitalize()}Input")
    _check(fields, found)
    return found


def _id(fields: Fields) -> str:
    # Kestra: inputs had a `name` before they had an id.
    fields.known.update(("id", "name"))
    key = "id" if "id" in fields.map.entries or "name" not in fields.map.entries else "name"
    id = fields.required_text(key)
    if not id.strip():
        fields.wrong(key, "must not be blank", "missing")
    elif not _ID.fullmatch(id):
        fields.wrong(key, f'must match "{INPUT_ID}"', "bad-id")
    return id


def _type(fields: Fields) -> str | None:
    type = fields.text("type")
    if type in OWN:
        return type
    if type == "REUSABLE_INPUTS":
        id = shown(fields.map.text("id") or "")
        message = f"Invalid Flow: Input '{id}' of type {type} is only available in Enterprise Edition."
        remedy = "write the inputs themselves, in a FORM"
        place = Place("", fields.place.key("type").pointer)
        fields.findings.error("not-supported", message, place, fields.at("type"), remedy)
        return None
    remedy = did_you_mean(type, OWN) if type else f"write one of {', '.join(OWN)}"
    fields.wrong("type", f"Invalid type: {shown(type or '<null>')}", "unknown-type", remedy)
    return None


def _depends_on(fields: Fields) -> tuple[tuple[str, ...], str | None]:
    node = fields.map_of("dependsOn")
    if node is None:
        return (), None
    inner = Fields(node, fields.place.key("dependsOn"), fields.findings)
    found = inner.texts("inputs"), inner.text("condition")
    inner.refuse_unknown("io.kestra.core.models.flows.DependsOn")
    return found


def _check(fields: Fields, found: Input) -> None:
    _item_type(fields, found)
    validator = found.properties.get("validator")
    if isinstance(validator, str) and not is_pattern(validator):
        fields.wrong("validator", f"invalid pattern [{shown(validator)}]", "bad-pattern")
    if found.type == "FORM" and fields.node("inputs") is None:
        fields.wrong("inputs", NOT_NULL, "missing")
    _defaults(fields, found)
    bad = bad_literal(found.type, found.properties, found.defaults)
    if bad:
        report = fields.findings.warning if found.type in CHECKED_LATER else fields.findings.error
        place = Place("", fields.place.key("defaults").pointer)
        message = f"Invalid Flow: Invalid default for input '{found.id}': {bad}"
        report("bad-default", message, place, fields.at("defaults"))


def _item_type(fields: Fields, found: Input) -> None:
    item_type = found.properties.get("itemType")
    if found.type == "ARRAY" and item_type is None:
        fields.wrong("itemType", NOT_NULL, "missing")
    elif item_type in _NOT_AN_ITEM:
        fields.findings.error("wrong-value", f"`itemType` cannot be {item_type}", fields.place, fields.at("itemType"))
    elif item_type is not None and item_type not in OWN:
        remedy = did_you_mean(str(item_type), OWN)
        fields.wrong("itemType", f"Invalid type: {shown(item_type)}", "unknown-type", remedy)


def _defaults(fields: Fields, found: Input) -> None:
    """What a default does not go with."""
    value = found.defaults
    if value is None:
        return
    if not found.required:
        message = "Inputs with a default value must be required, since the default is always applied."
        fields.findings.error("inconsistent", message, fields.place, fields.at("required"), "take `required` away")
    elif found.prefill is not None:
        message = "Inputs with a default value cannot also have a prefill."
        fields.findings.error("inconsistent", message, fields.place, fields.at("prefill"), "take `prefill` away")
    if found.type == "FILE" and not is_expression(value) and not _FILE_ADDRESS.match(str(value)):
        remedy = "such as `nsfile:///data.csv`"
        fields.findings.error("bad-default", _FILE_DEFAULT, fields.place, fields.at("defaults"), remedy)


def _output(fields: Fields) -> Output:
    id = fields.required_text("id")
    if not id.strip():
        fields.wrong("id", "must not be blank", "missing")
    elif not _ID.fullmatch(id):
        fields.wrong("id", f'must match "{INPUT_ID}"', "bad-id")
    if fields.node("value") is None:
        fields.wrong("value", NOT_NULL, "missing")
    if fields.node("type") is None:
        fields.wrong("type", NOT_NULL, "missing")
    output = Output(
        id=id,
        type=(_type(fields) if fields.node("type") is not None else None) or "STRING",
        value=fields.raw("value"),
        description=fields.text("description") or "",
        display_name=fields.text("displayName") or "",
        required=fields.boolean("required", default=True),
    )
    fields.raw("itemType")
    fields.refuse_unknown("io.kestra.core.models.flows.Output")
    # Kestra: an output must be of its type, but limits and forms of address are those of inputs
    bad = None if output.type == "EMAIL" else bad_literal(output.type, {}, output.value)
    if bad:
        place = Place("", fields.place.key("value").pointer)
        fields.findings.error(
            "bad-value", f"Invalid Flow: Invalid value for output '{id}': {bad}", place, fields.at("value")
        )
    return output
