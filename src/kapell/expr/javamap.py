"""The order in which Java's HashMap gives its entries: Kestra prints maps of its own making in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def text_hash(text: str) -> int:
    """Java's `String.hashCode`, unsigned."""
    code = 0
    units = text if text.isascii() else text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
    for unit in _units(units):
        code = (31 * code + unit) & 0xFFFFFFFF
    return code


def _units(text: str) -> Iterable[int]:
    for character in text:
        point = ord(character)
        if point < 0x10000:
            yield point
        else:
            yield 0xD800 + ((point - 0x10000) >> 10)
            yield 0xDC00 + ((point - 0x10000) & 0x3FF)


def hashed_order(keys: Iterable[str], capacity: int = 16) -> list[str]:
    """The keys as a HashMap with room for `capacity` before it grows would give them."""
    known = list(dict.fromkeys(keys))
    size = 1
    while size < capacity:
        size *= 2
    while len(known) > size * 0.75:
        size *= 2

    def bucket(key: str) -> int:
        code = text_hash(key)
        return (code ^ (code >> 16)) & (size - 1)

    return sorted(known, key=bucket)


def hashed(value: Mapping[object, object], capacity: int = 16) -> dict[object, object]:
    """A copy in that order; as it is, unless all keys are texts."""
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) != len(value):
        return dict(value)
    return {key: value[key] for key in hashed_order(keys, capacity)}
