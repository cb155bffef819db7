"""What is wrong with a flow, as data: all of it, with its place and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from kapell.errors import KapellError

Severity = Literal["error", "warning", "info"]


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to mend.

    `path` is written as Kestra does (`tasks[hello].message`: the id in brackets, else the index), `pointer` is a
    JSON pointer (`/tasks/0/message`); `line` and `column` count from 1, 0 where there is no place.
    """

    severity: Severity = "error"
    code: str
    message: str
    path: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0
    remedy: str = ""

    def __str__(self) -> str:
        text = f"{self.path}: {self.message}" if self.path else self.message
        return f"{text} ({self.remedy})" if self.remedy else text


class InvalidFlow(KapellError):
    """A flow can't be saved or run; `problems` are all that the checker found, warnings included."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems if p.severity == "error"))
        self.problems = tuple(problems)
