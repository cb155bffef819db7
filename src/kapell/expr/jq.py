"""jq programs, compiled once, as jq 1.6 reads them, shut off from the process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Protocol, cast

from kapell.expr.budget import Budget, OverBudget, Walk
from kapell.expr.javatype import is_text
from kapell.expr.json import parse_json
from kapell.expr.printing import as_map, json_text

TOO_MUCH = 3
"""The status of a process that printed more than it may."""

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


_ENDLESS = re.compile(
    r"\b(?:def|recurse\w*|repeat|while|until|range|combinations)\b|\*\s*(?:\d{6,}|\d+[eE])|(?:\bas\b.*){3}", re.S
)
"""What a program needs to run for ever, or for long on a short input; such ones run in a process of their own."""

_CHILD = """
import json, sys
asked = json.load(sys.stdin)
sys.path[:] = asked["path"]
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except (ImportError, ValueError, OSError):
    pass
import jq
left = asked["chars"]
for result in jq.compile(asked["program"]).input_text(asked["text"]):
    left -= len(result) + 1
    if left < 0:
        sys.exit(3)
    print(result)
"""


class _Program(Protocol):
    def input_text(self, text: str) -> Iterable[str]: ...


def run_jq(source: str, value: object, budget: Budget) -> list[object]:
    """All results; raises ValueError for what is no program, no JSON, or an error of the program itself."""
    if not source.strip():
        raise ValueError("an empty program")
    text = value if is_text(value) else _plain_json(value)
    if is_text(value):
        parse_json(value)
    # as JSON text: jq keeps the digits of a number in it, which its Python values lose
    program = f"{_BEFORE}({source}\n) | tojson"
    if _ENDLESS.search(source):
        results: Iterable[str] = _apart(program, text, budget)
    else:
        results = _program(program).input_text(text)
    found: list[object] = []
    for result in results:
        budget.spend(1)
        found.append(parse_json(result))
    return found


@lru_cache(256)
def _program(source: str) -> _Program:
    import jq  # type: ignore[import-not-found]  # it has no stubs

    return cast(_Program, jq.compile(source))


def _apart(program: str, text: str, budget: Budget) -> list[str]:
    """The results of a program in a process of its own, which is ended when the time is over."""
    import subprocess
    import sys

    asked = {"path": sys.path, "program": program, "text": text, "chars": budget.chars}
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=budget.left(),
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise OverBudget("The jq program takes too long") from None
    if done.returncode == TOO_MUCH:
        budget.room(budget.chars + 1)
    if done.returncode:
        raise ValueError(done.stderr[-200:])
    return done.stdout.splitlines()


def _plain_json(value: object, walk: Walk | None = None) -> str:
    """JSON with its nulls, which printed JSON leaves out of maps."""
    if not isinstance(value, (list, tuple, Mapping)):
        return json_text(value)
    walk = walk or Walk()
    walk.enter(len(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{_plain_json(v, walk)}" for k, v in as_map(value).items()) + "}"
    return "[" + ",".join(_plain_json(item, walk) for item in value) + "]"
