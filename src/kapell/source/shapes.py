"""Shapes of properties → JSON schema, in two manners: what is accepted, and what is meant (for people and forms)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Literal, TypeAlias

from kapell.sdk.prop import Prop, properties
from kapell.sdk.shape import Part, Plugin, Shape
from kapell.source.vocabulary import REQUIRED_BY_TYPE

Schema: TypeAlias = dict[str, object]
Manner = Literal["accepted", "meant"]
EXPRESSION = r"\{\{|\{%"
TASK = "io.kestra.core.models.tasks.Task"
INPUT = "io.kestra.core.models.flows.Input"
_INTEGER = r"^\s*[-+]?[0-9]+\s*$"
_NUMBER = r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$"
_SIZES = {"list": ("minItems", "minLength"), "map": ("minProperties", "minLength"), "text": ("minLength",)}
"""What says that something may not be empty; the second is for what is accepted in its place as a text."""
_WORDS: list[object] = ["true", "True", "TRUE", "false", "False", "FALSE", ""]
_MEANT: dict[str, Schema] = {
    "any": {},
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "duration": {"type": "string", "format": "duration"},
}
# Kestra: a text takes every scalar, and holds the JSON of a list or map; numbers and booleans may be texts.
_ACCEPTED: dict[str, Schema] = {
    "any": {},
    "text": {"type": ["string", "number", "boolean", "array", "object"]},
    "integer": {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": _INTEGER}]},
    "number": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _NUMBER}]},
    "duration": {"type": ["string", "number"]},
}


class Writer:
    """Writes schemas; the parts of properties are gathered under `definitions` by the name of their class.

    What is "accepted" is draft 07. What is "meant" is written as Kestra's plugin pages have it.
    """

    def __init__(self, manner: Manner, slot: Callable[[type[Plugin]], str]) -> None:
        self.accepts = manner == "accepted"
        self.base = "#/definitions/" if self.accepts else "#/$defs/"
        self.slot = slot
        self.definitions: Schema = {}

    def ref(self, name: str) -> Schema:
        """A reference to a definition."""
        return {"$ref": self.base + name}

    def shape(self, shape: Shape, *, fixed: bool) -> Schema:
        """A value of this shape; `fixed` ones hold no expressions."""
        match shape.name:
            case "enum":
                return self.enum(shape, fixed)
            case "boolean":
                return self.boolean(fixed)
            case "union":
                members = [self.shape(member, fixed=fixed) for member in shape.items]
                return {"anyOf" if self.accepts else "oneOf": members}
            case "list":
                return self.text_too({"type": "array", "items": self.item(shape.items[0], fixed)}, r"^\s*\[")
            case "map":
                inner = self.item(shape.items[0], fixed)
                return self.text_too(
                    {"type": "object", **({"additionalProperties": inner} if inner else {})}, r"^\s*\{"
                )
            case "part" | "task" | "input" | "plugin":
                return self.text_too(self.named(shape), None)
        if shape.name == "text" and self.accepts and fixed:
            return {"type": ["string", "number", "boolean"]}
        simple = dict((_ACCEPTED if self.accepts else _MEANT)[shape.name])
        return self.or_expression(simple) if self.accepts and not fixed and "anyOf" in simple else simple

    def item(self, shape: Shape, fixed: bool) -> Schema:
        inner = self.shape(shape, fixed=fixed)
        return nullable(inner) if self.accepts else inner

    def enum(self, shape: Shape, fixed: bool) -> Schema:
        meant: Schema = {"type": "string", "enum": list(shape.values)}
        return self.or_expression({"anyOf": [meant]}) if self.accepts and not fixed else meant

    def boolean(self, fixed: bool) -> Schema:
        if not self.accepts:
            return {"type": "boolean"}
        # Kestra: in a property that is rendered, every text but "true" is false.
        if not fixed:
            return {"type": ["boolean", "number", "string"]}
        return {"anyOf": [{"type": ["boolean", "integer"]}, {"enum": _WORDS}]}

    def named(self, shape: Shape) -> Schema:
        if shape.part is not None:
            return self.part(shape.part)
        if shape.plugin is not None:
            return self.ref(self.slot(shape.plugin))
        return self.ref(TASK if shape.name == "task" else INPUT)

    def text_too(self, schema: Schema, start: str | None) -> Schema:
        """What is accepted in place of a list or map: its JSON as text, an expression, nothing."""
        if not self.accepts:
            return schema
        pattern = "|".join(filter(None, (r"^\s*$", start, EXPRESSION)))
        return {"anyOf": [schema, {"type": "string", "pattern": pattern}]}

    def or_expression(self, schema: Schema) -> Schema:
        others = schema.get("anyOf")
        assert isinstance(others, list)
        return {"anyOf": [*others, {"type": "string", "pattern": EXPRESSION}]}

    def part(self, part: type[Part]) -> Schema:
        """A reference to a part, which is written where it is met first."""
        name = f"{part.__module__}.{part.__qualname__}"
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = self.object(properties(part).values(), part)
        return self.ref(name)

    def object(self, props: Iterable[Prop], owner: type) -> Schema:
        """A map with these properties and no others."""
        declared = list(props)
        schema: Schema = {"type": "object", **words(owner.__doc__ or ""), **self.members(declared)}
        if self.accepts:
            schema["additionalProperties"] = False
        rules = [*_either(declared), *self.by_type(owner)] if self.accepts else []
        return {**schema, "allOf": rules} if rules else schema

    def by_type(self, owner: type) -> list[Schema]:
        """What is required where `type` has a certain value."""
        needs = REQUIRED_BY_TYPE.get(owner, {})
        return [if_type([value], {"required": list(keys)}) for value, keys in needs.items()]

    def members(self, props: list[Prop]) -> Schema:
        """`properties` and `required`."""
        found: Schema = {}
        for prop in props:
            found[prop.key] = self.prop(prop)
            if self.accepts:
                old = {"$deprecated": True, "description": f"The former name of `{prop.key}`."}
                found |= {alias: {**self.prop(prop), **old} for alias in prop.aliases}
        required = [prop.key for prop in props if prop.required and not (self.accepts and prop.aliases)]
        return {"properties": found, **({"required": required} if required else {})}

    def prop(self, prop: Prop) -> Schema:
        """One property with all that is known of it."""
        fixed = prop.mode == "fixed"
        schema = self.bounded(self.shape(prop.shape, fixed=fixed), prop)
        if self.accepts and not prop.required:
            schema = nullable(schema)
        if self.accepts and "$ref" in schema:
            # in draft 07 nothing counts beside a $ref
            schema = {"allOf": [schema]}
        return {
            **words(prop.doc),
            **schema,
            **({} if (default := default_of(prop)) is None else {"default": default}),
            "$dynamic": not fixed,
            "$required": prop.required,
            **({"$deprecated": True} if prop.doc.startswith("Deprecated") else {}),
        }

    def bounded(self, schema: Schema, prop: Prop) -> Schema:
        """With the least number, and the size that a list, map or text must have."""
        bound: Schema = {}
        if prop.least is not None:
            bound["minimum"] = int(prop.least) if float(prop.least).is_integer() else prop.least
        if prop.filled:
            bound |= dict.fromkeys(_SIZES.get(prop.shape.name, ())[: None if self.accepts else 1], 1)
        return {**schema, **bound} if bound else schema


def if_type(names: list[str], then: Schema) -> Schema:
    """What holds for a map whose `type` is one of `names`."""
    return {"if": {"properties": {"type": {"enum": names}}, "required": ["type"]}, "then": then}


def nullable(schema: Schema) -> Schema:
    """The same, or null: that is as if it were not written."""
    kinds = schema.get("type")
    if not schema or kinds == "null":
        return schema
    if "anyOf" in schema and isinstance(schema["anyOf"], list):
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    if isinstance(kinds, list):
        return {**schema, "type": [*kinds, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def words(doc: str) -> Schema:
    """A docstring as title and description: its first sentence, and the rest."""
    text = " ".join(doc.split())
    title, dot, rest = text.partition(". ")
    return {"title": title + dot.strip(), **({"description": rest} if rest else {})} if text else {}


def default_of(prop: Prop) -> object:
    """A default as it would stand in a flow; None for nothing, which needs no words."""
    value = prop.default
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():g}S"
    if isinstance(value, tuple | list):
        return list(value) or None
    if isinstance(value, Mapping):
        return dict(value) or None
    return value if isinstance(value, str | int | float | bool) else None


def _either(props: list[Prop]) -> list[Schema]:
    """Required keys that had other names before: one of them must be there."""
    return [
        {"anyOf": [{"required": [key]} for key in (prop.key, *prop.aliases)]}
        for prop in props
        if prop.required and prop.aliases
    ]
