"""The methods of Java's texts, lists and maps that templates use: `name.length`, `text.toUpperCase()`, `list.size()`.

A table of plain functions; no Python attribute is ever reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from kapell.expr import regexp
from kapell.expr.budget import Budget
from kapell.expr.javamap import text_hash, units
from kapell.expr.javatype import Array, KeySet, Values, is_collection, is_list, is_text
from kapell.expr.lexer import BLANK, SPACE
from kapell.expr.number import int_value, long_value
from kapell.expr.operator import contains, equal, number
from kapell.expr.printing import java_text
from kapell.expr.registry import Run
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.utf16 import at, find, length, part

Method = tuple[int, object, int]
"""The fewest arguments, the function, the most."""


def property_of(holder: object, name: str) -> object:
    """What `holder.name` gives: a method of that name without arguments, or its getter; capitals don't matter."""
    methods, lower = _methods(holder), name.lower()
    for candidate in (lower, f"get{lower}", f"is{lower}", f"has{lower}"):
        method = methods.get(candidate)
        if method is not None and method[0] == 0:
            return cast(Run, method[1])(holder)
    return MISSING


def call(frame: Frame, holder: object, name: str, arguments: list[object]) -> object:
    """`holder.name(arguments)`; `MISSING` when there is no such method with so many arguments."""
    name = name.lower()
    method = _methods(holder).get(name)
    if method is None or not method[0] <= len(arguments) <= method[2]:
        return MISSING
    if name == "repeat":
        frame.budget.room(len(java_text(holder)) * max(0, _whole(arguments[0])))
    if name in WITH_PATTERNS:
        return WITH_PATTERNS[name](java_text(holder), [_text(argument) for argument in arguments], frame.budget)
    return cast(Run, method[1])(holder, *arguments)


def _methods(holder: object) -> Mapping[str, Method]:
    if is_text(holder):
        return _TEXT
    if isinstance(holder, Mapping):
        return _MAP
    if is_list(holder):
        return _LIST
    return _COLLECTION if is_collection(holder) else _OBJECT if isinstance(holder, (str, list)) else _VALUE


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError("a whole number is needed")


def _text(value: object) -> str:
    if is_text(value):
        return value
    raise TypeError("text is needed")


def _substring(holder: str, start: object, end: object = None) -> str:
    size = length(holder)
    first, last = _whole(start), size if end is None else _whole(end)
    if not 0 <= first <= last <= size:
        raise ValueError(f"begin {first}, end {last}, length {size}")
    return part(holder, first, last)


def _index_of_text(holder: str, other: object, start: object = 0) -> int:
    first = min(max(_whole(start), 0), length(holder))
    found = find(part(holder, first, length(holder)), _text(other))
    return found + first if found >= 0 else -1


def _difference(left: str, right: str) -> int:
    """What lies between the first two units that differ, else between the lengths."""
    pairs = zip(units(left), units(right), strict=False)
    return next((x - y for x, y in pairs if x != y), length(left) - length(right))


def _hash_code(holder: str) -> int:
    code = text_hash(holder)
    return code if code < 2**31 else code - 2**32


def _replace(holder: str, old: object, new: object) -> str:
    return holder.replace(_text(old), _text(new))


def _get(holder: list[object], index: object) -> object:
    position = _whole(index)
    if not 0 <= position < len(holder):
        raise ValueError(f"Index {position} out of bounds for length {len(holder)}")
    return holder[position]


def _edge(index: int) -> Callable[[list[object]], object]:
    def edge(holder: list[object]) -> object:
        if not holder:
            raise ValueError("the list is empty")
        return holder[index]

    return edge


def _index_of(holder: list[object], item: object) -> int:
    return next((i for i, one in enumerate(holder) if equal(one, item)), -1)


def _sublist(holder: list[object], start: object, end: object) -> list[object]:
    first, last = _whole(start), _whole(end)
    if not 0 <= first <= last <= len(holder):
        raise ValueError(f"fromIndex {first}, toIndex {last}, size {len(holder)}")
    return list(holder[first:last])


def _map_get(holder: Mapping[object, object], key: object, default: object = None) -> object:
    return holder[key] if contains(holder, key) else default


TEXT: dict[str, Method] = {
    "length": (0, length, 0),
    "isEmpty": (0, lambda s: not s, 0),
    "isBlank": (0, lambda s: not s.strip(SPACE), 0),
    "toUpperCase": (0, str.upper, 0),
    "toLowerCase": (0, str.lower, 0),
    "trim": (0, lambda s: s.strip(BLANK), 0),
    "strip": (0, lambda s: s.strip(SPACE), 0),
    "stripLeading": (0, lambda s: s.lstrip(SPACE), 0),
    "stripTrailing": (0, lambda s: s.rstrip(SPACE), 0),
    "toString": (0, java_text, 0),
    "concat": (1, lambda s, other: s + _text(other), 1),
    "contains": (1, lambda s, other: _text(other) in s, 1),
    "startsWith": (1, lambda s, other: s.startswith(_text(other)), 1),
    "endsWith": (1, lambda s, other: s.endswith(_text(other)), 1),
    "indexOf": (1, _index_of_text, 2),
    "lastIndexOf": (1, lambda s, other: find(s, _text(other), last=True), 1),
    "charAt": (1, lambda s, index: at(s, _whole(index)), 1),
    "substring": (1, _substring, 2),
    "replace": (2, _replace, 2),
    "repeat": (1, lambda s, times: s * _whole(times), 1),
    "equals": (1, equal, 1),
    "equalsIgnoreCase": (1, lambda s, other: is_text(other) and s.casefold() == other.casefold(), 1),
    "compareTo": (1, lambda s, other: _difference(s, _text(other)), 1),
    "compareToIgnoreCase": (1, lambda s, other: _difference(s.upper().lower(), _text(other).upper().lower()), 1),
    "hashCode": (0, _hash_code, 0),
}

WITH_PATTERNS: dict[str, Callable[[str, list[str], Budget], object]] = {
    "split": lambda s, given, budget: Array(regexp.split(given[0], s, 0, budget)),
    "replaceall": lambda s, given, budget: regexp.replace(given[0], given[1], s, budget),
    "replacefirst": lambda s, given, budget: regexp.replace(given[0], given[1], s, budget, most=1),
    "matches": lambda s, given, budget: regexp.whole(given[0], s, budget),
}
"""The methods of text that take regular expressions, which need the rendering's time."""

TEXT |= {"split": (1, None, 1), "replaceAll": (2, None, 2), "replaceFirst": (2, None, 2), "matches": (1, None, 1)}

LIST: dict[str, Method] = {
    "size": (0, len, 0),
    "isEmpty": (0, lambda items: not items, 0),
    "getFirst": (0, _edge(0), 0),
    "getLast": (0, _edge(-1), 0),
    "reversed": (0, lambda items: list(reversed(items)), 0),
    "get": (1, _get, 1),
    "contains": (1, lambda items, item: _index_of(items, item) >= 0, 1),
    "indexOf": (1, _index_of, 1),
    "subList": (2, _sublist, 2),
    "toString": (0, java_text, 0),
    "equals": (1, equal, 1),
}

MAP: dict[str, Method] = {
    "size": (0, len, 0),
    "isEmpty": (0, lambda items: not items, 0),
    "keySet": (0, KeySet, 0),
    "values": (0, lambda items: Values(items.values()), 0),
    "get": (1, _map_get, 1),
    "getOrDefault": (2, _map_get, 2),
    "containsKey": (1, contains, 1),
    "containsValue": (1, lambda items, item: any(equal(one, item) for one in items.values()), 1),
    "toString": (0, java_text, 0),
    "equals": (1, equal, 1),
}

VALUE: dict[str, Method] = {
    "intValue": (0, lambda value: int_value(number(value)), 0),
    "longValue": (0, lambda value: long_value(number(value)), 0),
    "doubleValue": (0, lambda value: float(number(value)), 0),
    "toString": (0, java_text, 0),
    "equals": (1, equal, 1),
}

_OBJECT = {"tostring": VALUE["toString"], "equals": VALUE["equals"]}
"""What characters, arrays and the texts of macros have."""


def _by_lower(methods: Mapping[str, Method]) -> dict[str, Method]:
    return {name.lower(): method for name, method in methods.items()}


_TEXT, _LIST, _MAP, _VALUE = map(_by_lower, (TEXT, LIST, MAP, VALUE))
_COLLECTION = {name: _LIST[name] for name in ("size", "isempty", "contains", "tostring", "equals")}
