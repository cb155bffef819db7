"""jq programs, compiled once; those few words of jq 1.6 that newer ones read otherwise are defined as before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Protocol, cast

from kapell.expr.budget import Budget
from kapell.expr.json import parse_json
from kapell.expr.printing import json_text

_AS_BEFORE = """
def walk(f): . as $in
  | if type == "object" then reduce keys[] as $key ({}; . + {($key): ($in[$key] | walk(f))}) | f
    elif type == "array" then map(walk(f)) | f
    else f end;
"""


class _Program(Protocol):
    def input_text(self, text: str) -> Iterable[str]: ...


@lru_cache(256)
def _program(source: str) -> _Program:
    import jq  # type: ignore[import-not-found]  # it has no stubs

    if not source.strip():
        raise ValueError("an empty program")
    # as JSON text: jq keeps the digits of a number in it, which its Python values lose
    return cast(_Program, jq.compile(f"{_AS_BEFORE if 'walk' in source else ''}({source}\n) | tojson"))


def run_jq(source: str, value: object, budget: Budget) -> list[object]:
    """All results; raises ValueError for what is no program, no JSON, or an error of the program itself."""
    text = value if isinstance(value, str) else _plain_json(value)
    if isinstance(value, str):
        parse_json(value)
    found: list[object] = []
    for result in _program(source).input_text(text):
        found.append(parse_json(result))
        budget.spend(1)
    return found


def _plain_json(value: object) -> str:
    """JSON with its nulls, which printed JSON leaves out of maps."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{_plain_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_plain_json, value)) + "]"
    return json_text(value)
