"""Java's names for values, and the checks that a filter or function makes of what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from kapell.errors import RenderError
from kapell.expr.number import is_number, java_class
from kapell.expr.runtime import Missing


def class_name(value: object) -> str:
    """The full name of the Java class that stands behind a value."""
    number = java_class(value)
    if number:
        return f"java.math.{number}" if number.startswith("Big") else f"java.lang.{number}"
    return next((name for kind, name in _CLASSES if isinstance(value, kind)), "java.lang.Object")


_CLASSES: tuple[tuple[type, str], ...] = (
    (str, "java.lang.String"),
    (bool, "java.lang.Boolean"),
    (list, "java.util.ArrayList"),
    (tuple, "java.util.ArrayList"),
    (Mapping, "java.util.LinkedHashMap"),
    (datetime, "java.time.ZonedDateTime"),
    (date, "java.time.LocalDate"),
    (time, "java.time.LocalTime"),
    (timedelta, "java.time.Duration"),
    (bytes, "byte[]"),
)

_WORDS = {"String": "text", "ArrayList": "a list", "LinkedHashMap": "a map", "Boolean": "a boolean"}


def kind(value: object) -> str:
    """A value's kind in a reader's words: "text", "a list", "Integer"."""
    simple = class_name(value).rpartition(".")[2]
    if isinstance(value, Missing):
        return "nothing"
    return "null" if value is None else _WORDS.get(simple, simple)


def text(value: object, name: str) -> str:
    """The value, which must be text."""
    if isinstance(value, str):
        return value
    raise RenderError(f"'{name}' needs text, not {kind(value)}")


def optional_text(value: object, name: str) -> str | None:
    """The value, which must be text if it is given and not null."""
    return None if given(value) is None else text(value, name)


def whole(value: object, name: str) -> int:
    """The value, which must be a whole number."""
    if isinstance(value, int) and is_number(value):
        return int(value)
    raise RenderError(f"'{name}' needs a whole number, not {kind(value)}")


def given(value: object) -> object:
    """The argument; None when it was not given."""
    return None if isinstance(value, Missing) else value


def items(value: object, name: str) -> list[object] | tuple[object, ...]:
    """The value, which must be a list."""
    if isinstance(value, (list, tuple)):
        return value
    raise RenderError(f"'{name}' needs a list, not {kind(value)}")
