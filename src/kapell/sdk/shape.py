"""The shape of a property's value: read from its annotation, used to check, convert, and describe what a flow says."""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache
from typing import Annotated, Generic, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

from kapell.errors import KapellError
from kapell.model.flow import Task
from kapell.model.input import Input
from kapell.sdk.duration import parse_duration

T = TypeVar("T")
Tasks: TypeAlias = tuple[Task, ...]
Cases: TypeAlias = Mapping[str, Tasks]
Render: TypeAlias = Callable[[object, bool], object]
"""Renders a text or structure; typed (a lone expression keeps its type) when the second argument is true."""


@dataclass(frozen=True, slots=True)
class Dynamic:
    """Marks an annotation whose value is rendered before the task runs."""


Templated = Annotated[T, Dynamic()]
"""A value that may hold expressions; the task sees it rendered and converted to T."""


class Part:
    """A group of properties inside a property; its subclasses declare them with `prop`, as task types do."""


class Plugin:
    """What a flow chooses by a `type` inside a property: its subclasses are kinds of type, such as task runners."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value must look like. `name` is the word for people; `items` are the shapes inside."""

    name: Literal[
        "any",
        "text",
        "integer",
        "number",
        "boolean",
        "duration",
        "enum",
        "list",
        "map",
        "part",
        "union",
        "task",
        "input",
        "plugin",
    ]
    items: tuple[Shape, ...] = ()
    values: tuple[str, ...] = ()
    part: type[Part] | None = None
    plugin: type[Plugin] | None = None


class Mismatch(KapellError):
    """A value does not have its property's shape; `path` leads to it from the property."""

    def __init__(self, message: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.path = path


class Expression(Generic[T]):
    """A property that its task renders itself, when and as often as it wants, by `render(expression)`."""

    __slots__ = ("shape", "source")

    def __init__(self, source: object, shape: Shape) -> None:
        self.source = source
        self.shape = shape

    def value(self, render: Render) -> T:
        """Its value now; raises `RenderError` or `Mismatch`."""
        value: T = rendered(self.shape, self.source, render)  # type: ignore[assignment]  # the shape was made from T
        return value


ANY = Shape("any")
_SIMPLE: dict[object, Shape] = {
    object: ANY,
    str: Shape("text"),
    int: Shape("integer"),
    float: Shape("number"),
    bool: Shape("boolean"),
    timedelta: Shape("duration"),
    Task: Shape("task"),
    Input: Shape("input"),
}


@cache
def shape_of(annotation: object) -> Shape:
    """The shape that an annotation stands for; raises TypeError for one that no property can have."""
    if annotation in _SIMPLE:
        return _SIMPLE[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shape_of(arguments[0])
    if origin in (Union, types.UnionType):
        members = tuple(shape_of(a) for a in arguments if a is not type(None))
        return members[0] if len(members) == 1 else Shape("union", members)
    if origin in (list, tuple, Sequence):
        return Shape("list", (shape_of(arguments[0]),))
    if origin in (dict, Mapping):
        return Shape("map", (shape_of(arguments[1]),))
    if origin is Literal:
        return Shape("enum", values=tuple(map(str, arguments)))
    if origin is Expression:
        return shape_of(arguments[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Shape("enum", values=tuple(str(member.value) for member in annotation))
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return Shape("part", part=annotation)
    if isinstance(annotation, type) and issubclass(annotation, Plugin):
        return Shape("plugin", plugin=annotation)
    raise TypeError(f"no property can be {annotation!r}")


def rendered(shape: Shape, value: object, render: Render) -> object:
    """`value` with its expressions evaluated, in the shape asked for."""
    if isinstance(value, str) and shape.name in ("text", "enum", "any"):
        return convert(shape, render(value, False))
    if isinstance(value, str) and shape.name == "union":
        keeps_text = any(member.name in ("text", "any") for member in shape.items)
        return convert(shape, render(value, not keeps_text))
    if isinstance(value, str):
        return convert(shape, render(value, True))
    if isinstance(value, Mapping) and shape.name == "map":
        return {str(render(key, False)): rendered(shape.items[0], item, render) for key, item in value.items()}
    if isinstance(value, list | tuple) and shape.name == "list":
        return [rendered(shape.items[0], item, render) for item in value]
    return convert(shape, render(value, False))


def convert(shape: Shape, value: object) -> object:
    """`value` in the shape asked for, by Kestra's rules for what may stand for what; raises `Mismatch`."""
    if value is None or shape.name == "any":
        return value
    return _CONVERTERS[shape.name](shape, value)


def _text(_shape: Shape, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    # Kestra: a text property takes a list or map and holds its JSON.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _integer(_shape: Shape, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Mismatch(f"`{value}` is not a valid integer")
    try:
        return int(value) if not isinstance(value, float) or value.is_integer() else int(str(value))
    except ValueError:
        raise Mismatch(f"`{value}` is not a valid integer") from None


def _number(_shape: Shape, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Mismatch(f"`{value}` is not a valid number")
    try:
        return float(value)
    except ValueError:
        raise Mismatch(f"`{value}` is not a valid number") from None


def _boolean(_shape: Shape, value: object) -> bool:
    if isinstance(value, bool):
        return value
    # Kestra: a boolean property takes text, and every text but "true" is false.
    return str(value).strip().lower() == "true"


def _duration(_shape: Shape, value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return parse_duration(str(value))
    except ValueError as error:
        raise Mismatch(str(error)) from None


def _enum(shape: Shape, value: object) -> str:
    if str(value) not in shape.values:
        raise Mismatch(f"`{value}` is none of {', '.join(shape.values)}")
    return str(value)


def _list(shape: Shape, value: object) -> list[object]:
    if isinstance(value, str):
        value = _from_json(value, list)
    if not isinstance(value, list | tuple):
        raise Mismatch(f"`{value}` is not a list")
    return [_inside(shape.items[0], item, index) for index, item in enumerate(value)]


def _map(shape: Shape, value: object) -> dict[str, object]:
    if isinstance(value, str):
        value = _from_json(value, dict)
    if not isinstance(value, Mapping):
        raise Mismatch(f"`{value}` is not a map")
    return {str(key): _inside(shape.items[0], item, str(key)) for key, item in value.items()}


def _union(shape: Shape, value: object) -> object:
    for member in shape.items:
        if _fits(member, value):
            return convert(member, value)
    raise Mismatch(f"`{value}` is neither {' nor '.join(member.name for member in shape.items)}")


def _same(_shape: Shape, value: object) -> object:
    return value


def _fits(shape: Shape, value: object) -> bool:
    kinds = _PLAIN.get(shape.name)
    return kinds is None or (isinstance(value, kinds) and not (shape.name == "integer" and isinstance(value, bool)))


def _inside(shape: Shape, value: object, key: str | int) -> object:
    try:
        return convert(shape, value)
    except Mismatch as mismatch:
        raise Mismatch(str(mismatch), (key, *mismatch.path)) from None


def _from_json(text: str, kind: type) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, kind) else text


_PLAIN: dict[str, type | tuple[type, ...]] = {
    "text": (str, int, float, bool),
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "list": (list, tuple),
    "map": Mapping,
    "part": Mapping,
    "plugin": Mapping,
}
_CONVERTERS: dict[str, Callable[[Shape, object], object]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "duration": _duration,
    "enum": _enum,
    "list": _list,
    "map": _map,
    "union": _union,
    "part": _same,
    "task": _same,
    "input": _same,
    "plugin": _same,
}
