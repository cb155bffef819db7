"""What reading, parsing and checking find: gathered with places, handed out with the errors first."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Protocol

from kapell.model.problem import Problem, Severity
from kapell.source.nodes import Place

MOST = 1000
MOST_NAMES = 300
LONGEST_NAME = 100
TOP = Place()


class Located(Protocol):
    """Whatever stands somewhere in the text."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


class Findings:
    """The problems found so far; after a thousand of a severity nobody reads on, and no more of them are kept."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.counts: dict[Severity, int] = {"error": 0, "warning": 0, "info": 0}

    def error(self, code: str, message: str, place: Place, at: Located, remedy: str = "") -> None:
        """What Kestra refuses, and what can't work."""
        self._add("error", code, message, place, at, remedy)

    def warning(self, code: str, message: str, place: Place, at: Located, remedy: str = "") -> None:
        """What is accepted, and most likely wrong."""
        self._add("warning", code, message, place, at, remedy)

    def info(self, code: str, message: str, place: Place, at: Located, remedy: str = "") -> None:
        """What works, and is said better otherwise."""
        self._add("info", code, message, place, at, remedy)

    def full(self, severity: Severity) -> bool:
        """Whether no more of these are kept."""
        return self.counts[severity] >= MOST

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return self.counts["error"] > 0

    def in_order(self) -> list[Problem]:
        """Errors first, then warnings, then the rest, each by place."""
        rank = {"error": 0, "warning": 1, "info": 2}
        return sorted(self.problems, key=lambda problem: (rank[problem.severity], problem.line, problem.column))

    def _add(self, severity: Severity, code: str, message: str, place: Place, at: Located, remedy: str) -> None:
        if self.full(severity):
            return
        self.counts[severity] += 1
        problem = Problem(
            severity=severity,
            code=code,
            message=message,
            path=place.path,
            pointer=place.pointer,
            line=at.line,
            column=at.column,
            remedy=remedy,
        )
        self.problems.append(problem)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A remedy that names the nearest of `known`, or nothing."""
    if len(known) > MOST_NAMES or len(word) > LONGEST_NAME:
        return ""
    names = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return f"did you mean `{names[near[0]]}`?" if near else ""
