"""The journal read again: what an execution was after each of its steps."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from kapell.model.execution import Execution
from kapell.model.messages import JournalRow
from kapell.model.task_run import Outputs, TaskRun


class Folded(Struct, frozen=True, kw_only=True):
    """An execution at one point of its history; task runs in the order of creation."""

    execution: Execution
    runs: tuple[TaskRun, ...]
    outputs: dict[str, Outputs]


def fold(rows: Iterable[JournalRow]) -> Folded | None:
    """What the given first rows of a journal come to; None for no rows."""
    execution: Execution | None = None
    runs: dict[str, TaskRun] = {}
    outputs: dict[str, Outputs] = {}
    for row in rows:
        execution = row.execution
        for run_id in row.removed_runs:
            runs.pop(run_id, None)
            outputs.pop(run_id, None)
        runs.update({run.id: run for run in row.runs})
        outputs.update(row.outputs)
    if execution is None:
        return None
    return Folded(execution=execution, runs=tuple(sorted(runs.values(), key=lambda run: run.number)), outputs=outputs)
