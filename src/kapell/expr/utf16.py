"""Java counts text in UTF-16 units; these do too, at no cost for text without characters beyond U+FFFF."""

from __future__ import annotations


def _plain(text: str) -> bool:
    return text.isascii() or max(text) < "\U00010000"


def length(text: str) -> int:
    """The number of units."""
    if not text or _plain(text):
        return len(text)
    return len(text) + sum(c > "\uffff" for c in text)


def part(text: str, start: int, end: int) -> str:
    """The units from `start` up to `end`; a cut pair leaves a lone surrogate."""
    if not text or _plain(text):
        return text[start:end]
    units = text.encode("utf-16-be", "surrogatepass")
    return units[2 * start : 2 * end].decode("utf-16-be", "surrogatepass")


def at(text: str, index: int) -> str:
    """The unit at an index."""
    if not 0 <= index < length(text):
        raise ValueError(f"Index {index} out of bounds for length {length(text)}")
    return part(text, index, index + 1)


def find(text: str, wanted: str, *, last: bool = False) -> int:
    """The index in units of the first (or last) `wanted`, or -1."""
    index = text.rfind(wanted) if last else text.find(wanted)
    return index if index < 0 else length(text[:index])
