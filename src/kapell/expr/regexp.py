"""Regular expressions of templates, in Java's syntax; stopped when they take too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from kapell.errors import RenderError
from kapell.expr.budget import Budget, OverBudget
from kapell.expr.javaregexp import shortened, translate

if TYPE_CHECKING:
    import regex

_WORDS = {
    "missing )": "Unclosed group",
    "unterminated character set": "Unclosed character class",
    "nothing to repeat": "Dangling meta character",
    "unbalanced parenthesis": "Unmatched closing ')'",
}

_REPLACEMENT = re.compile(r"\\(.)|\$(\d+)|\$\{([A-Za-z][A-Za-z0-9]*)\}|\$|\\", re.S)


@lru_cache(256)
def pattern(source: str) -> regex.Pattern[str]:
    """The compiled pattern; raises `RenderError` when it is none."""
    import regex

    try:
        return regex.compile(translate(source), regex.V1)
    except (regex.error, OverflowError, RecursionError) as error:
        said = str(error)
        words = next((w for part, w in _WORDS.items() if part in said), said.split(" at position")[0])
        raise RenderError(f"Invalid regex '{shortened(source)}': {words}") from error


def matches(source: str, text: str, budget: Budget) -> Iterator[regex.Match[str]]:
    """All matches from the left, within the time that is left; other threads may work meanwhile."""
    compiled = pattern(source)
    try:
        for match in compiled.finditer(text, timeout=budget.left(), concurrent=True):
            yield match
            budget.check_time()
    except TimeoutError:
        raise OverBudget(f"The regular expression '{shortened(source)}' takes too long") from None


def whole(source: str, text: str, budget: Budget) -> bool:
    """Whether the pattern fits the whole text."""
    try:
        return pattern(source).fullmatch(text, timeout=budget.left(), concurrent=True) is not None
    except TimeoutError:
        raise OverBudget(f"The regular expression '{shortened(source)}' takes too long") from None


def search(source: str, text: str, budget: Budget) -> regex.Match[str] | None:
    """The first match."""
    return next(matches(source, text, budget), None)


def replace(source: str, replacement: str, text: str, budget: Budget, *, most: int = 0) -> str:
    """All matches replaced, or the first so many; `$1` and `${name}` stand for groups."""
    made: list[str] = []
    end = length = 0
    for match in islice(matches(source, text, budget), most or None):
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
        if found[2]:
            return _numbered(found[2], match)
        if found[0] == "\\":
            raise RenderError("A backslash ends the replacement: there is no character that it escapes")
        if found[3] is None:
            raise RenderError("Illegal group reference in the replacement: write \\$ for a dollar sign")
        try:
            return match.group(found[3]) or ""
        except IndexError:
            raise RenderError(f"No group with name {{{found[3]}}}") from None

    return _REPLACEMENT.sub(part, replacement)


def _numbered(digits: str, match: regex.Match[str]) -> str:
    """A group by its number, which takes as many digits as there are groups for; the others are text."""
    size = 1
    while size < len(digits) and int(digits[: size + 1]) <= match.re.groups:
        size += 1
    if int(digits[:size]) > match.re.groups:
        raise RenderError(f"No group {digits[:size]}")
    return (match.group(int(digits[:size])) or "") + digits[size:]


def split(source: str, text: str, limit: int, budget: Budget) -> list[str]:
    """Java's `String.split`: empty ends are dropped unless there is a limit; an empty match at the start makes none."""
    parts: list[str] = []
    end = 0
    for match in matches(source, text, budget):
        if 0 < limit <= len(parts) + 1:
            break
        if match.end() == 0:
            continue
        parts.append(text[end : match.start()])
        end = match.end()
    if not parts and end == 0:
        return [text]
    parts.append(text[end:])
    while limit == 0 and parts and not parts[-1]:
        parts.pop()
    return parts
