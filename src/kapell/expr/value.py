"""Java's names for values, and the checks that a filter or function makes of what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from kapell.errors import RenderError
from kapell.expr.javatype import CLASS_NAMES, Array, Character, KeySet, MacroText, Values, is_list, is_text
from kapell.expr.number import int_value, is_number, java_class
from kapell.expr.runtime import Missing


def class_name(value: object) -> str:
    """The full name of the Java class that stands behind a value."""
    if type(value) in CLASS_NAMES:
        return CLASS_NAMES[type(value)]
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

_KINDS: dict[type, str] = {
    Array: "an array",
    Character: "a character",
    KeySet: "the keys of a map",
    MacroText: "what a macro gave",
    Values: "the values of a map",
    Missing: "nothing",
}
_WORDS = {"String": "text", "ArrayList": "a list", "LinkedHashMap": "a map", "Boolean": "a boolean"}


def kind(value: object) -> str:
    """A value's kind in a reader's words: "text", "a list", "Integer"."""
    simple = class_name(value).rpartition(".")[2]
    return "null" if value is None else _KINDS.get(type(value)) or _WORDS.get(simple, simple)


def text(value: object, name: str) -> str:
    """The value, which must be text."""
    if is_text(value):
        return value
    raise RenderError(f"'{name}' needs text, not {kind(value)}")


def optional_text(value: object, name: str) -> str | None:
    """The value, which must be text if it is given and not null."""
    return None if given(value) is None else text(value, name)


def whole(value: object, name: str) -> int:
    """The value, which must be a number, without its fraction."""
    if isinstance(value, (int, float, Decimal)) and is_number(value):
        return int_value(value)
    raise RenderError(f"'{name}' needs a number, not {kind(value)}")


def long(value: object, name: str) -> int:
    """The value, which must be a Long. Kestra: the Integer that a variable holds is refused."""
    if isinstance(value, int) and java_class(value) == "Long":
        return int(value)
    raise RenderError(f"'{name}' needs a whole number that the template wrote or computed, not {kind(value)}")


def given(value: object) -> object:
    """The argument; None when it was not given."""
    return None if isinstance(value, Missing) else value


def items(value: object, name: str) -> list[object] | tuple[object, ...]:
    """The value, which must be a list."""
    if is_list(value):
        return value
    raise RenderError(f"'{name}' needs a list, not {kind(value)}")
