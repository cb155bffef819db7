"""JSON schemas of flows and of every type, made from the declarations that the checker reads.

Draft 07: the newest that the YAML support of today's editors understands as a whole, and what Kestra's own editor is
given. A flow in which the checker finds nothing validates, with one exception: a task may owe a required property to
`pluginDefaults`, which a schema can't follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import get_args, get_type_hints

from kapell.sdk.catalogue import former_names
from kapell.sdk.prop import Prop, Properties, properties
from kapell.sdk.shape import Plugin
from kapell.sdk.task import Output
from kapell.source.inputs import OWN
from kapell.source.outputs import output_of, outputs_of
from kapell.source.parse import FLOW_ID, NAMESPACE, RESERVED
from kapell.source.shapes import INPUT, TASK, Schema, Writer, if_type, words
from kapell.source.tasks import LONGEST_ID, TASK_ID
from kapell.source.types import (
    all_types,
    examples_of,
    is_deprecated,
    kind_of,
    name_of,
    named,
    slot_kind,
)
from kapell.source.vocabulary import (
    FlowKeys,
    InputKeys,
    InputOwnKeys,
    TaskKeys,
    TriggerKeys,
    TypeKeys,
)

DRAFT = "http://json-schema.org/draft-07/schema#"
PAGE_DRAFT = "https://json-schema.org/draft/2019-09/schema"
FLOW = "io.kestra.core.models.flows.Flow"
SLOTS = {
    "task": TASK,
    "trigger": "io.kestra.core.models.triggers.AbstractTrigger",
    "condition": "io.kestra.core.models.conditions.Condition",
    "runner": "io.kestra.core.models.tasks.runners.TaskRunner",
}
"""Kestra's names for what a flow chooses by a `type`, by kind."""
_COMMON: dict[str, type] = {"task": TaskKeys, "trigger": TriggerKeys}


def flow_schema() -> Schema:
    """The schema of flows."""
    return {"$schema": DRAFT, "$ref": f"#/definitions/{FLOW}", "definitions": _definitions()}


def kind_schema(kind: str) -> Schema:
    """The schema of one task, trigger, condition or runner of whatever type."""
    return {"$schema": DRAFT, "$ref": f"#/definitions/{SLOTS[kind]}", "definitions": _definitions()}


def type_schema(type_name: str) -> Schema:
    """The schema of a task, trigger, condition or runner of one type; raises as `types.named` does.

    `$examples` and `$outputs` stand beside what validates.
    """
    cls = named(type_name)
    schema = _of_type(name_of(cls), cls, _writer())
    extras: Schema = {"$examples": [example.yaml for example in examples_of(cls)]}
    outputs = outputs_schema(cls)
    if outputs:
        extras["$outputs"] = outputs
    return {"$schema": DRAFT, **schema, **extras, "definitions": _reached(schema)}


def page_schema(type_name: str, *, common: bool = False) -> Schema:
    """What Kestra's API tells about a type: `properties`, `outputs`, `definitions`; with `common` also those of all.

    It says what is meant, not all that is accepted.
    """
    cls = named(type_name)
    writer = Writer("meant", _slot)
    props = [*(_common_props(cls, own=False) if common else ()), *properties(cls).values()]
    told: Schema = {"$schema": PAGE_DRAFT, **writer.members(props), **words(cls.__doc__ or "")}
    told["$examples"] = [
        {"title": example.title, "code": example.yaml, "lang": "yaml", "full": False} for example in examples_of(cls)
    ]
    if is_deprecated(cls):
        told["$deprecated"] = True
    outputs = {"$schema": PAGE_DRAFT, **outputs_schema(cls)}
    return {"properties": told, "outputs": outputs, "definitions": writer.definitions}


def outputs_schema(cls: type) -> Schema:
    """The schema of what a task gives back; empty where that is nothing or not known."""
    output = output_of(cls)
    if output is None:
        engine = {key: {**_of_hint(one.hint), **words(one.doc)} for key, one in outputs_of(name_of(cls), cls).items()}
        return {"type": "object", "properties": engine} if engine else {}
    if not output.__struct_fields__:
        return {}
    return {"type": "object", **words(output.__doc__ or ""), "properties": output_properties(output)}


def output_properties(output: type[Output]) -> Schema:
    """The outputs by their key."""
    hints = get_type_hints(output)
    keys = zip(output.__struct_fields__, output.__struct_encode_fields__, strict=True)
    return {key: _of_hint(hints[name]) for name, key in keys}


def input_keys(type_name: str | None) -> Iterator[Prop]:
    """The keys that an input of a type has; those of all inputs where it is not known."""
    yield from properties(InputKeys).values()
    own = OWN.get(type_name or "", ())
    yield from (prop for prop in properties(InputOwnKeys).values() if prop.key in own)


def keys_of(cls: type[Properties]) -> list[Prop]:
    """The keys that a task, trigger, condition or runner of a type has: those of its kind, and its own."""
    return [*_common_props(cls, own=True), *properties(cls).values()]


def _common_props(cls: type[Properties], *, own: bool) -> list[Prop]:
    taken = {prop.key for prop in properties(cls).values()}
    common = properties(_COMMON.get(kind_of(cls) or "", TypeKeys)).values()
    return [prop for prop in common if prop.key not in taken and (own or prop.key != "type")]


@cache
def _definitions() -> Schema:
    """Of everything."""
    writer = _writer()
    writer.definitions[FLOW] = _flow(writer)
    writer.definitions[INPUT] = _input(writer)
    for name, cls in all_types().items():
        writer.definitions[name] = _of_type(name, cls, writer)
    for kind, name in SLOTS.items():
        writer.definitions[name] = _slot_schema(kind, writer)
    return writer.definitions


def _flow(writer: Writer) -> Schema:
    schema = writer.object(properties(FlowKeys).values(), FlowKeys)
    members = schema["properties"]
    assert isinstance(members, dict)
    members["id"] |= {"pattern": f"{FLOW_ID}$", "minLength": 1, "maxLength": 100, "not": {"enum": sorted(RESERVED)}}
    members["namespace"] |= {"pattern": f"{NAMESPACE}$", "minLength": 1, "maxLength": 150}
    return schema


def _writer() -> Writer:
    return Writer("accepted", _slot)


def _slot(plugin: type[Plugin]) -> str:
    return SLOTS.get(slot_kind(plugin), plugin.__name__)


def _reached(schema: Schema) -> Schema:
    """The definitions that a schema refers to, by itself or through others."""
    known = _definitions()
    found: Schema = {}
    waiting = list(_refs(schema))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = known[name]
            waiting += _refs(known[name])
    return found


def _refs(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _refs(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref" and isinstance(item, str):
                yield item.removeprefix("#/definitions/")
            else:
                yield from _refs(item)


def _of_type(name: str, cls: type[Properties], writer: Writer) -> Schema:
    schema = writer.object(keys_of(cls), cls)
    members = schema["properties"]
    assert isinstance(members, dict)
    members["type"] = {"enum": [name, *former_names(name)], "title": "The type."}
    if kind_of(cls) in _COMMON:
        members["id"] |= {"pattern": f"{TASK_ID}$", "maxLength": LONGEST_ID}
    return {**schema, **({"$deprecated": True} if is_deprecated(cls) else {})}


def _slot_schema(kind: str, writer: Writer) -> Schema:
    types = [name for name, cls in all_types().items() if kind_of(cls) == kind]
    names = {name: [name, *former_names(name)] for name in types}
    known = [name for group in names.values() for name in group]
    return {
        "type": "object",
        "properties": {"type": {"enum": known, "title": "The name of a type."}},
        "required": ["type"],
        "allOf": [if_type(group, writer.ref(name)) for name, group in names.items()],
    }


def _input(writer: Writer) -> Schema:
    shared = writer.members(list(properties(InputKeys).values()))
    cases = [if_type([type_name], writer.object(input_keys(type_name), InputKeys)) for type_name in OWN]
    return {"type": "object", **shared, "required": ["type"], "allOf": cases}


def _of_hint(hint: object) -> Schema:
    """The schema of an annotation of an output."""
    simple: Mapping[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
    members = [member for member in get_args(hint) if member is not type(None)]
    if type(None) in get_args(hint):
        return _of_hint(members[0]) if len(members) == 1 else {"oneOf": [_of_hint(member) for member in members]}
    if hint in simple:
        return {"type": simple[hint]}
    origin = getattr(hint, "__origin__", hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object"}
    if isinstance(origin, type) and issubclass(origin, list | tuple):
        return {"type": "array", **({"items": _of_hint(members[0])} if members else {})}
    return {}
