"""Log lines and metrics in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.adapters.memory.logs import by_instant
from kapell.adapters.sqlite.database import Database
from kapell.adapters.sqlite.query import Row, Session, Value, micros
from kapell.adapters.sqlite.search import after
from kapell.model.codec import decode, encode
from kapell.model.log import Level, LogLine, Metric
from kapell.ports.logs import Chosen, Removed, Swept

Batch = tuple[Sequence[LogLine], Sequence[Metric]]

LAST = "~"
"""Sorts after every id."""


class SqliteLogs:
    """A row for each line and each metric."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, lines: Sequence[LogLine], metrics: Sequence[Metric] = ()) -> None:
        """Store them durably; a line that is there already (task run, attempt, number) is left out."""
        await self._database.write_with(_append, (lines, metrics))

    async def read(
        self, execution_id: str, *, task_run_id: str | None = None, at_least: Level = Level.TRACE, limit: int = 10_000
    ) -> list[LogLine]:
        """The lines in the order of their instants, those of one attempt in the order of their numbers."""
        values = (execution_id, task_run_id, at_least.rank, limit)
        bodies = await self._database.read(lambda session: session.bodies("logs", *values))
        return by_instant(decode(body, LogLine) for body in bodies)

    async def metrics(self, execution_id: str) -> list[Metric]:
        """The metrics in the order they came."""
        bodies = await self._database.read(lambda session: session.bodies("metrics", execution_id))
        return [decode(body, Metric) for body in bodies]

    async def remove(
        self, execution_ids: Sequence[str], limit: int, *, lines: bool = True, metrics: bool = True
    ) -> Removed:
        """Remove up to `limit` lines and `limit` metrics of executions."""
        ids = encode(list(execution_ids)).decode()

        def work(session: Session) -> Removed:
            return Removed(
                lines=_changed(session, "remove_logs", ids, limit) if lines else 0,
                metrics=_changed(session, "remove_metrics", ids, limit) if metrics else 0,
            )

        return await self._database.write(work)

    async def purge_lines(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove chosen lines of up to `limit` executions behind the id `after`, up to `limit` lines."""
        return await self._database.write(lambda session: _purge(session, "logs", chosen, after, limit))

    async def purge_metrics(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove chosen metrics of up to `limit` executions behind the id `after`, up to `limit` metrics."""
        return await self._database.write(lambda session: _purge(session, "metrics", chosen, after, limit))


def _purge(session: Session, table: str, chosen: Chosen, behind: str, limit: int) -> Swept:
    """One sweep; ids sort by creation, so it ends with those of executions that came after all that is chosen."""
    last = LAST if chosen.until is None else after(chosen.until)
    if chosen.execution_id is None:
        ids = [str(id) for (id,) in session.rows(f"executions_of_{table}", behind, last, limit)]
    else:
        ids = [chosen.execution_id]
    count = _changed(session, f"purge_{table}", encode(ids).decode(), limit, *_chosen(chosen))
    if count == limit:
        return Swept(count, behind)
    return Swept(count, ids[-1] if chosen.execution_id is None and len(ids) == limit else None)


def _chosen(chosen: Chosen) -> tuple[Value, ...]:
    return (
        chosen.namespace,
        chosen.flow_id,
        encode([level.rank for level in chosen.levels]).decode() if chosen.levels else None,
        None if chosen.since is None else micros(chosen.since),
        None if chosen.until is None else micros(chosen.until),
    )


def _changed(session: Session, name: str, *values: Value) -> int:
    """Run a statement; how many rows it removed."""
    session.rows(name, *values)
    return session.connection.changes()


def _append(session: Session, batches: Sequence[Batch]) -> list[None]:
    lines = [line for lines, _ in batches for line in lines]
    metrics = [metric for _, metrics in batches for metric in metrics]
    write_lines(session, lines, metrics)
    return [None] * len(batches)


def write_lines(session: Session, lines: Sequence[LogLine], metrics: Sequence[Metric]) -> None:
    """Insert lines that are not there yet, and metrics, within the present transaction."""
    session.write("insert_logs", [_row(line) for line in lines])
    session.write("insert_metrics", [(metric.execution_id, encode(metric)) for metric in metrics])


def _row(line: LogLine) -> Row:
    at, level = micros(line.at), line.level.rank
    return (line.execution_id, line.task_run_id, line.attempt, line.number, at, level, encode(line))
