"""Properties of a type: declared once in its class, known from there to checker, schema, docs and the task itself."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin

from kapell.sdk.shape import Dynamic, Expression, Mismatch, Part, Plugin, Render, Shape, convert, rendered, shape_of

P = TypeVar("P")
REQUIRED = object()


@dataclass(frozen=True, slots=True)
class Prop:
    """One property: `name` in Python, `key` in YAML, `aliases` the keys it had before.

    `mode` says when its expressions are rendered: never ("fixed"), before the task runs ("before"), or by the task
    itself ("lazy").
    """

    name: str
    key: str
    doc: str
    shape: Shape
    mode: str
    required: bool
    default: object = None
    aliases: tuple[str, ...] = ()
    least: float | None = None
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """What `prop(…)` leaves in the class until its annotations are read."""

    doc: str
    default: object
    key: str | None
    aliases: tuple[str, ...]
    least: float | None
    filled: bool


def prop(  # type: ignore[explicit-any]
    doc: str,
    *,
    default: object = REQUIRED,
    key: str | None = None,
    aliases: tuple[str, ...] = (),
    least: float | None = None,
    filled: bool = False,
) -> Any:  # noqa: ANN401  stands for the annotated type, as dataclasses.field does
    """Declare a property. Without a default it is required, unless None is among its types.

    `key` is its name in YAML where that is not the camelCase of the name in Python; `least` the smallest number
    allowed; `filled` says that a list or map may not be empty.
    """
    return Declaration(doc, default, key, aliases, least, filled)


def properties(cls: type) -> Mapping[str, Prop]:
    """The properties of a type by their name in Python, those of its parents first."""
    return _properties(cls)


def has_templates(cls: type) -> bool:
    """Whether any property, or one of a part of it, is rendered before the task runs."""
    return _has_templates(cls)


@cache
def _has_templates(cls: type) -> bool:
    parts = [declared.shape.part for declared in properties(cls).values() if declared.shape.part is not None]
    here = any(declared.mode == "before" for declared in properties(cls).values())
    return here or any(has_templates(part) for part in parts)


@cache
def _properties(cls: type) -> dict[str, Prop]:
    hints = typing.get_type_hints(cls, include_extras=True)
    found: dict[str, Prop] = {}
    for owner in reversed(cls.__mro__):
        for name, declaration in vars(owner).items():
            if isinstance(declaration, Declaration):
                found[name] = _prop(name, declaration, hints[name])
    return found


def _prop(name: str, declaration: Declaration, annotation: object) -> Prop:
    optional = type(None) in get_args(annotation)
    bare = _without_none(annotation)
    mode = "lazy" if get_origin(bare) is Expression else "before" if _is_dynamic(annotation) else "fixed"
    absent = declaration.default is REQUIRED
    return Prop(
        name=name,
        key=declaration.key or camel(name),
        doc=declaration.doc,
        shape=shape_of(annotation),
        mode=mode,
        required=absent and not optional,
        default=None if absent else declaration.default,
        aliases=declaration.aliases,
        least=declaration.least,
        filled=declaration.filled,
    )


def _is_dynamic(annotation: object) -> bool:
    if get_origin(annotation) is Annotated:
        return any(isinstance(mark, Dynamic) for mark in get_args(annotation)[1:])
    return any(_is_dynamic(member) for member in get_args(annotation))


def _without_none(annotation: object) -> object:
    members = [member for member in get_args(annotation) if member is not type(None)]
    return members[0] if type(None) in get_args(annotation) and len(members) == 1 else annotation


def camel(name: str) -> str:
    """`error_message` → `errorMessage`, `finally_` → `finally`."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name.rstrip("_"))


class Properties:
    """Whatever declares properties: tasks, triggers, task runners, and parts of them."""

    aliases: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def bind(cls: type[P], given: Mapping[str, object], render: Render) -> P:
        """An instance with the properties of a flow's task, those rendered before a run being rendered now.

        Raises `RenderError`, or `Mismatch` whose path begins with the property's key.
        """
        instance = cls()
        for name, declared in properties(cls).items():
            setattr(instance, name, _bound(declared, given.get(name, declared.default), render))
        return instance


def unrendered(value: object, typed: bool) -> object:
    """The `Render` of who wants the properties that hold no expressions only: the others stay as they are written."""
    return value


def _bound(declared: Prop, value: object, render: Render) -> object:
    if value is None and declared.mode != "lazy":
        return None
    try:
        if declared.mode == "lazy":
            return None if value is None else Expression(value, declared.shape)
        if _has_parts(declared.shape):
            return _with_parts(declared.shape, value, render)
        if declared.mode == "fixed":
            return convert(declared.shape, value)
        return value if render is unrendered else rendered(declared.shape, value, render)
    except Mismatch as mismatch:
        raise Mismatch(str(mismatch), (declared.key, *mismatch.path)) from None


def _has_parts(shape: Shape) -> bool:
    if shape.name in ("list", "map"):
        return _has_parts(shape.items[0])
    return shape.part is not None or shape.plugin is not None


def _with_parts(shape: Shape, value: object, render: Render) -> object:
    """Parts and types bound wherever they stand: alone, in a list, in a map."""
    if shape.part is not None:
        return _part(shape.part, value, render)
    if shape.plugin is not None:
        return _plugin(shape.plugin, value, render)
    if isinstance(value, Mapping):
        return {str(key): _with_parts(shape.items[0], item, render) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_parts(shape.items[0], item, render) for item in value]
    raise Mismatch(f"`{value}` is not a {shape.name}")


def _part(part: type[Part], value: object, render: Render) -> Part:
    if not isinstance(value, Mapping):
        raise Mismatch(f"`{value}` is not a map")
    instance = part()
    given = by_name(part, value)
    for name, declared in properties(part).items():
        setattr(instance, name, _bound(declared, given.get(name, declared.default), render))
    return instance


def _plugin(kind: type[Plugin], value: object, render: Render) -> object:
    from kapell.sdk.registry import find

    if not isinstance(value, Mapping) or not isinstance(value.get("type"), str):
        raise Mismatch(f"`{value}` is not a map with a type")
    found = find(value["type"])
    if not issubclass(found, kind):
        raise Mismatch(f"{value['type']} can't be used here")
    return found.bind(by_name(found, value), render)


def by_name(owner: type, value: Mapping[object, object]) -> dict[str, object]:
    """A map as it is written in a flow, by the names that the properties have in Python."""
    keys = {key: prop.name for prop in properties(owner).values() for key in (prop.key, prop.name, *prop.aliases)}
    return {keys.get(str(key), str(key)): item for key, item in value.items()}
