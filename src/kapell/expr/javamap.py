"""The order in which Java's HashMap gives its entries: Kestra prints maps of its own making in it."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

from kapell.expr.number import java_class


def text_hash(text: str) -> int:
    """Java's `String.hashCode`, unsigned."""
    code = 0
    for unit in units(text):
        code = (31 * code + unit) & 0xFFFFFFFF
    return code


def units(text: str) -> Iterable[int]:
    """The UTF-16 units of a text, as numbers."""
    for character in text:
        point = ord(character)
        if point < 0x10000:
            yield point
        else:
            yield 0xD800 + ((point - 0x10000) >> 10)
            yield 0xDC00 + ((point - 0x10000) & 0x3FF)


def key_hash(key: object) -> int:
    """Java's `hashCode` of a map's key, unsigned."""
    if isinstance(key, str):
        return text_hash(key)
    if key is None:
        return 0
    if isinstance(key, bool):
        return 1231 if key else 1237
    if isinstance(key, float):
        return _folded(struct.unpack(">Q", struct.pack(">d", key))[0])
    if isinstance(key, int):
        return _folded(key & 0xFFFFFFFFFFFFFFFF) if java_class(key) == "Long" else key & 0xFFFFFFFF
    return hash(key) & 0xFFFFFFFF


def _folded(bits: int) -> int:
    return (bits ^ (bits >> 32)) & 0xFFFFFFFF


def hashed_order(keys: Iterable[object], capacity: int = 16) -> list[object]:
    """The keys as a HashMap with room for `capacity` before it grows would give them."""
    known = list(dict.fromkeys(keys))
    size = 1
    while size < capacity:
        size *= 2
    while len(known) > size * 0.75:
        size *= 2

    def bucket(key: object) -> int:
        code = key_hash(key)
        return (code ^ (code >> 16)) & (size - 1)

    return sorted(known, key=bucket)


def hashed(value: Mapping[object, object], capacity: int = 16) -> dict[object, object]:
    """A copy in that order."""
    return {key: value[key] for key in hashed_order(value, capacity)}


def literal_capacity(size: int) -> int:
    """The room that a map literal of so many entries asks for."""
    return -(-size * 4 // 3)
