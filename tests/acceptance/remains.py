"""What a state folder holds when nobody uses it: executions as their rows and their journals tell them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import apsw

from kapell.adapters.sqlite.store import SqliteStore
from kapell.engine.fold import fold
from kapell.model.execution import Execution
from kapell.model.messages import JournalRow
from kapell.model.state import State
from kapell.model.task_run import Outputs, TaskRun
from kapell.ports.executions import Search
from stores import with_store

PASSING = re.compile(r"kestra:///[^'\" ]+|datetime\([^)]*\)|\b[0-9A-Za-z]{22}\b|\d{4}-\d\d-\d\dT[\d:.]+Z?")
"""What is never the same: addresses, instants, ids."""


WAITS = "Flow is queued due to concurrency limit exceeded"
"""What depends on who comes first."""


class Past(NamedTuple):
    """An execution with all that belongs to it."""

    execution: Execution
    runs: list[TaskRun]
    outputs: Mapping[str, Outputs]
    journal: list[JournalRow]
    said: Counter[tuple[str | None, str]]

    @property
    def shape(self) -> tuple[object, ...]:
        """What has happened, without ids and instants and the order of what went on at the same time."""
        history = [change.state for change in self.execution.history if change.state is not State.QUEUED]
        return (
            self.execution.flow_id,
            history,
            masked(self.execution.outputs),
            sorted(self._shape(run) for run in self.runs),
            Counter((task_id, masked(message)) for task_id, message in self.said.elements() if message != WAITS),
        )

    def _shape(self, run: TaskRun) -> tuple[str, ...]:
        parents = {one.id: one.task_id for one in self.runs}
        attempts = [[change.state for change in attempt.history] for attempt in run.attempts]
        history = [change.state for change in run.history]
        told = (run.value, run.branch, history, attempts, dict(self.outputs.get(run.id, {})), run.error)
        return (parents.get(run.parent_id or "", ""), run.task_id, masked(told))

    def faults(self) -> list[str]:
        """What should not be: rows that tell another story than the journal, a gap in it, a thing recorded twice."""
        folded = fold(self.journal)
        places = Counter((run.parent_id, run.branch, run.place) for run in self.runs)
        versions = [row.version for row in self.journal]
        events = Counter(row.event.id for row in self.journal)
        told = {
            "it has not ended": not self.execution.state.ended,
            "a task run has not ended": any(not run.state.ended for run in self.runs),
            "the journal has a gap": versions != list(range(1, self.execution.version + 1)),
            "the journal has an event twice": max(events.values(), default=0) > 1,
            "a task run is there twice": max(places.values(), default=0) > 1,
            "the journal tells another execution": folded is None or folded.execution != self.execution,
            "the journal tells other task runs": folded is None or list(folded.runs) != self.runs,
            "the journal tells other outputs": folded is None or folded.outputs != self.outputs,
        }
        return [f"{self.execution.id} ({self.execution.flow_id}): {fault}" for fault, is_so in told.items() if is_so]


def pasts(state: Path) -> dict[str, Past]:
    """All executions of a state folder, by id."""

    async def read(store: SqliteStore) -> dict[str, Past]:
        found = await store.executions.search(Search(limit=100_000, loops=True))
        return {one.id: await _past(store, one) for one in found}

    return with_store(state / "kapell.db", read)


def masked(value: object) -> str:
    """A value as text, without what is never the same."""
    return PASSING.sub("…", str(value))


async def _past(store: SqliteStore, execution: Execution) -> Past:
    runs = await store.executions.task_runs(execution.id)
    journal = await store.executions.journal(execution.id)
    folded = fold(journal)
    beside = folded.outputs if folded else {}
    outputs = await store.executions.outputs([*dict.fromkeys([*(run.id for run in runs if run.has_outputs), *beside])])
    lines = await store.logs.read(execution.id)
    return Past(execution, runs, outputs, journal, Counter((line.task_id, line.message) for line in lines))


def left_over(state: Path) -> dict[str, int]:
    """How many rows the tables have that are empty when nothing is under way, where there are any."""
    connection = apsw.Connection(str(state / "kapell.db"), flags=apsw.SQLITE_OPEN_READONLY)
    counts = {table: _count(connection, table) for table in ("jobs", "timers", "inbox")}
    connection.close()
    return {table: count for table, count in counts.items() if count}


def _count(connection: apsw.Connection, table: str) -> int:
    [(count,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    assert isinstance(count, int)
    return count
