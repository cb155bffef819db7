"""jq programs as jq 1.6 reads them: plain ones here, compiled once, all others in a process of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Protocol, cast

from kapell.expr.budget import Budget, Walk
from kapell.expr.javatype import is_text
from kapell.expr.json import first_json, parse_json
from kapell.expr.printing import as_map, json_text

_BEFORE = """
def env: {};
def debug: .;
def stderr: .;
def input_filename: null;
def modulemeta: error("no modules here");
def walk(f): . as $in
  | if type == "object" then reduce keys[] as $key ({}; . + {($key): ($in[$key] | walk(f))}) | f
    elif type == "array" then map(walk(f)) | f
    else f end;
{} as $ENV |
"""
"""What would reach outside is taken away, environment variables first; `walk` sorts keys as jq 1.6 did."""


_NAMES = (
    "keys|keys_unsorted|length|first|last|add|sort|unique|reverse|min|max|floor|type|not|empty|values|flatten|tostring"
    "|ascii_downcase|ascii_upcase|to_entries|from_entries|any|all|null|true|false|and|or"
)
_CALLS = "map|select|sort_by|group_by|unique_by|min_by|max_by|has"
_SIMPLE = re.compile(
    rf"""(?:\s++|\.(?!\.)(?:[A-Za-z_]\w*+|"[^"\\]*+")?+|\b(?:{_NAMES})\b|\b(?:{_CALLS})\b(?=\s*\()|"[^"\\]*+"
    |\b[A-Za-z_]\w*+(?=\s*:)|-?\b\d{{1,9}}+(?:\.\d{{1,9}}+)?+\b|[=!]=|[<>]=?+|//(?!=)|[()\[\]{{}}|,:?])*+""",
    re.X,
)
"""Paths, comparisons and what walks over its input once: it runs no longer, and makes no more, than it is given."""

_TURNS = re.compile(r"\[\s*\]|\b(?:map|select|any|all|add|\w+_by|\w*_entries|flatten)\b")
LONGEST_SIMPLE = 300
MOST_TURNS = 2_000_000


class _Program(Protocol):
    def input_text(self, text: str) -> Iterable[str]: ...


def run_jq(source: str, value: object, budget: Budget) -> list[object]:
    """All results; raises ValueError for what is no program, no JSON, or an error of the program itself."""
    if not source.strip():
        raise ValueError("an empty program")
    text = first_json(value) if is_text(value) else _plain_json(value)
    # as JSON text: jq keeps the digits of a number in it, which its Python values lose
    program = f"{_BEFORE}({source}\n) | tojson"
    if is_simple(source, text):
        results: Iterable[str] = _program(program).input_text(text)
    else:
        from kapell.expr.jqprocess import run

        results = run(program, text, budget.chars, budget.left())
    found: list[object] = []
    for result in results:
        budget.spend(1)
        found.append(parse_json(result))
    return found


def is_simple(source: str, text: str) -> bool:
    """Whether a program may run in this process: all others get one of their own, with limits."""
    if len(source) > LONGEST_SIMPLE or not _SIMPLE.fullmatch(source):
        return False
    # two walks side by side, as in `.[] == .[]`, go over every pair, and a comma does all that follows twice
    turns, commas = len(_TURNS.findall(source)), source.count(",")
    if turns <= 1 and not commas:
        return True
    most: int = (len(text) // 2 + 1) ** min(turns, 8) << min(commas, 30)
    return most <= MOST_TURNS


@lru_cache(256)
def _program(source: str) -> _Program:
    import jq  # type: ignore[import-not-found]  # it has no stubs

    return cast(_Program, jq.compile(source))


def _plain_json(value: object, walk: Walk | None = None) -> str:
    """JSON with its nulls, which printed JSON leaves out of maps."""
    if not isinstance(value, (list, tuple, Mapping)):
        return json_text(value)
    walk = walk or Walk()
    walk.enter(len(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{_plain_json(v, walk)}" for k, v in as_map(value).items()) + "}"
    return "[" + ",".join(_plain_json(item, walk) for item in value) + "]"
