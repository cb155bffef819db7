"""Tests for `is` and `is not`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.errors import RenderError
from kapell.expr.javatype import is_collection, is_text
from kapell.expr.lexer import BLANK
from kapell.expr.number import is_number
from kapell.expr.printing import Entry, Loop
from kapell.expr.registry import as_test


@as_test("defined")
def is_defined(value: object) -> bool:
    """Whether the name is there and not null.

    {{ inputs.missing is defined }} → false
    """
    return value is not None


@as_test("null")
def is_null(value: object) -> bool:
    """Whether the value is null.

    {{ null is null }} → true
    """
    return value is None


@as_test("empty")
def is_empty(value: object) -> bool:
    """Whether it is null, blank text, or a list or map with nothing in it.

    {{ [] is empty }} → true
    """
    if value is None:
        return True
    if is_text(value):
        return not value.strip(BLANK)
    return (is_collection(value) or isinstance(value, Mapping)) and len(value) == 0


@as_test("even")
def is_even(value: object) -> bool:
    """Whether a whole number is even.

    {{ 4 is even }} → true
    """
    return _whole(value, "even") % 2 == 0


@as_test("odd")
def is_odd(value: object) -> bool:
    """Whether a whole number is odd.

    {{ 3 is odd }} → true
    """
    return _whole(value, "odd") % 2 == 1


def _whole(value: object, name: str) -> int:
    if value is None:
        raise RenderError(f'Can not pass null value to "{name}" test.')
    if not isinstance(value, int) or not is_number(value):
        raise RenderError(f"The '{name}' test needs a whole number")
    return value


@as_test("iterable")
def is_iterable(value: object) -> bool:
    """Whether it is a list.

    {{ [1] is iterable }} → true
    """
    return isinstance(value, (list, tuple))


@as_test("map")
def is_map(value: object) -> bool:
    """Whether it is a map.

    {{ {'a': 1} is map }} → true
    """
    return isinstance(value, Mapping) and not isinstance(value, (Entry, Loop))


@as_test("json")
def is_json(value: object) -> bool:
    """Whether a text starts with a JSON value.

    {{ '[1]' is json }} → true
    """
    from kapell.expr.json import parse_json

    if value is None:
        return False
    if not is_text(value):
        raise RenderError("The 'json' test needs text")
    try:
        parse_json(value)
    except ValueError:
        return False
    return True
