"""Java's types that Python has no own for: what a template can and can't do with a value turns on them.

They print and count as the text or list that they are; to ask for Java's String or List, use `is_text` and `is_list`.
"""

from __future__ import annotations

from typing import TypeGuard


class Character(str):
    """One UTF-16 unit, as `first`, `last` and ranges of letters give it: no String."""

    __slots__ = ()


class MacroText(str):
    """What a macro gives: Pebble's SafeString, which only filters, `~` and `+` take for a String."""

    __slots__ = ()


class Array(list[object]):
    """What `split` gives: a `String[]`, which is no List and no Collection."""

    __slots__ = ()


class KeySet(list[object]):
    """The keys of a map: a Collection, but no List."""

    __slots__ = ()


class Values(list[object]):
    """The values of a map: a Collection, but no List."""

    __slots__ = ()


CLASS_NAMES: dict[type, str] = {
    Character: "java.lang.Character",
    MacroText: "io.pebbletemplates.pebble.extension.escaper.SafeString",
    Array: "[Ljava.lang.String;",
    KeySet: "java.util.LinkedHashMap$LinkedKeySet",
    Values: "java.util.LinkedHashMap$LinkedValues",
}

_NO_TEXT = (Character, MacroText)
_NO_LIST = (Array, KeySet, Values)


def is_text(value: object) -> TypeGuard[str]:
    """Whether Java would call it a String."""
    return type(value) is str or (isinstance(value, str) and not isinstance(value, _NO_TEXT))


def is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Whether Java would call it a List."""
    return type(value) is list or (isinstance(value, (list, tuple)) and not isinstance(value, _NO_LIST))


def is_collection(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Whether Java would call it a Collection."""
    return isinstance(value, (list, tuple)) and not isinstance(value, Array)
