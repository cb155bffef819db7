"""Log lines and metrics in SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.adapters.memory.logs import by_instant
from kapell.adapters.sqlite.database import Database
from kapell.adapters.sqlite.query import Row, Session, micros
from kapell.model.codec import decode, encode
from kapell.model.log import Level, LogLine, Metric

Batch = tuple[Sequence[LogLine], Sequence[Metric]]


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
