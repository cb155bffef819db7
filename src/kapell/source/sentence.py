"""Kestra's one sentence about a flow as a whole, made of all that does not fit together in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from kapell.model.problem import Problem
from kapell.source.problem import Findings

INVALID = "Invalid Flow: "
MOST_FAULTS = 100
_NAMED = re.compile(r"(Duplicate .*?|Invalid (?:in|out)put reference: .*?)\[([^\]]*)\]", re.S)
_ORDER = (
    "Duplicate task id",
    "Duplicate trigger id",
    "Recursive call",
    "Duplicate input with",
    "Input path",
    "Input with id",
    "Cycle dependency",
    "Input '",
    "Duplicate output",
    "Missing inputs",
    "Invalid default",
    "Invalid value for input",
    "Invalid value for output",
    "System labels",
    "Invalid input reference",
    "Quotas",
    "Invalid output reference",
)
"""How the faults begin, in the order in which Kestra looks for them."""


def tell_as_one(findings: Findings) -> None:
    """Let the first fault of the flow as a whole name all of them. Kestra: they are one sentence, joined by commas."""
    faults = [problem for problem in findings.problems if problem.severity == "error" and _fault(problem)]
    if len(faults) < 2:
        return
    faults.sort(key=lambda problem: _rank(_fault(problem)))
    sentence = INVALID + ", ".join(_grouped(map(_fault, faults[:MOST_FAULTS])))
    index = next(index for index, problem in enumerate(findings.problems) if problem is faults[0])
    findings.problems[index] = replace(faults[0], message=sentence)


def _fault(problem: Problem) -> str:
    return problem.message[len(INVALID) :] if problem.message.startswith(INVALID) else ""


def _rank(fault: str) -> int:
    return next((rank for rank, start in enumerate(_ORDER) if fault.startswith(start)), len(_ORDER))


def _grouped(faults: Iterable[str]) -> Iterator[str]:
    """Each fault once; those that differ in the name at their end only, as one with all the names."""
    names: dict[str, dict[str, None]] = {}
    for fault in faults:
        named = _NAMED.fullmatch(fault)
        found = names.setdefault(named[1] if named else fault, {})
        if named:
            found[named[2]] = None
    for start, found in names.items():
        yield f"{start}[{', '.join(found)}]" if found else start
