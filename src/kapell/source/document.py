"""Several flows in one text, with `---` between them, as exports and bulk imports have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from kapell.model.problem import Problem

_BREAK = re.compile(r"^(?P<mark>---|\.\.\.)(?=[ \t\r\n]|\Z)(?P<rest>[^\n]*)", re.M)
_SOMETHING = re.compile(r"^[ \t]*[^#\s%]", re.M)


class Document(NamedTuple):
    """One of the flows in a text: its source, and the line that it begins on, counted from 1."""

    text: str
    line: int


def documents(text: str) -> list[Document]:
    """The flows in a text, in order; what holds nothing but comments is none, and a text without any is one."""
    parts = [part for part in _parts(text) if _SOMETHING.search(part.text)]
    return parts if len(parts) > 1 else [Document(text, 1)]


def in_whole(problems: Iterable[Problem], document: Document) -> list[Problem]:
    """Problems of a document with their lines in the whole text."""
    return [
        replace(problem, line=problem.line + document.line - 1) if problem.line else problem for problem in problems
    ]


def _parts(text: str) -> Iterator[Document]:
    start, line = 0, 1
    for found in _BREAK.finditer(text):
        yield Document(text[start : found.start()], line)
        line += text.count("\n", start, found.start())
        start = found.start()
        if found["mark"] == "..." or _is_blank(found["rest"]):
            # the mark alone is no part of a flow's source
            start = min(found.end() + 1, len(text))
            line += 1
    yield Document(text[start:], line)


def _is_blank(rest: str) -> bool:
    return not rest.strip() or rest.lstrip().startswith("#")
