"""Regular expressions of templates: Java's syntax where it differs cheaply, stopped when they take too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from kapell.errors import RenderError
from kapell.expr.budget import Budget, OverBudget

if TYPE_CHECKING:
    import regex

_WORDS = {
    "missing )": "Unclosed group",
    "unterminated character set": "Unclosed character class",
    "nothing to repeat": "Dangling meta character",
    "unbalanced parenthesis": "Unmatched closing ')'",
}

_REPLACEMENT = re.compile(r"\\(.)|\$(\d)|\$\{([A-Za-z][A-Za-z0-9]*)\}|\$", re.S)


@lru_cache(256)
def pattern(source: str) -> regex.Pattern[str]:
    """The compiled pattern; raises `RenderError` when it is none."""
    import regex

    try:
        return regex.compile(_java(source), regex.V1 | regex.ASCII)
    except (regex.error, OverflowError, RecursionError) as error:
        said = str(error)
        words = next((w for part, w in _WORDS.items() if part in said), said.split(" at position")[0])
        raise RenderError(f"Invalid regex '{source}': {words}") from error


def _java(source: str) -> str:
    source = re.sub(r"\\([zh])", lambda m: r"\Z" if m[1] == "z" else r"[ \t\u00a0]", source)
    return re.sub(r"\\p\{(Lower|Upper|Alpha|Digit|Alnum|Punct|Space)\}", lambda m: f"[[:{m[1].lower()}:]]", source)


def matches(source: str, text: str, budget: Budget) -> Iterator[regex.Match[str]]:
    """All matches from the left, within the time that is left."""
    compiled = pattern(source)
    try:
        yield from compiled.finditer(text, timeout=budget.left())
    except TimeoutError:
        raise OverBudget(f"The regular expression '{source}' takes too long") from None


def search(source: str, text: str, budget: Budget) -> regex.Match[str] | None:
    """The first match."""
    return next(matches(source, text, budget), None)


def replace(source: str, replacement: str, text: str, budget: Budget) -> str:
    """All matches replaced; `$1` and `${name}` stand for groups."""
    made: list[str] = []
    end = length = 0
    for match in matches(source, text, budget):
        made += (text[end : match.start()], expand(replacement, match))
        length += len(made[-1]) + len(made[-2])
        budget.room(length)
        end = match.end()
    return "".join(made) + text[end:]


def expand(replacement: str, match: regex.Match[str]) -> str:
    """A replacement with its groups filled in."""
    if "$" not in replacement and "\\" not in replacement:
        return replacement

    def part(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1]
        group = int(found[2]) if found[2] else found[3]
        if group is None:
            raise RenderError("Illegal group reference in the replacement: write \\$ for a dollar sign")
        try:
            return match.group(group) or ""
        except IndexError:
            raise RenderError(f"No group {group}") from None

    return _REPLACEMENT.sub(part, replacement)


def split(source: str, text: str, limit: int, budget: Budget) -> list[str]:
    """Java's `String.split`: empty ends are dropped unless there is a limit; an empty match at the start makes none."""
    parts: list[str] = []
    end = 0
    for match in matches(source, text, budget):
        if 0 < limit <= len(parts) + 1:
            break
        if match.end() == 0:
            continue
        if match.start() == match.end() == len(text):
            continue
        parts.append(text[end : match.start()])
        end = match.end()
    if not parts and end == 0:
        return [text]
    parts.append(text[end:])
    while limit == 0 and parts and not parts[-1]:
        parts.pop()
    return parts
