"""Logs that tell the feed of each batch once it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.model.log import Level, LogLine, Metric
from kapell.ports.feed import Feed
from kapell.ports.logs import Logs


class TellingLogs:
    """`Logs` around other logs; whoever looks on sees lines of workers as soon as they are safe."""

    def __init__(self, logs: Logs, feed: Feed) -> None:
        self._logs = logs
        self._feed = feed
        self.remove = logs.remove
        self.purge_lines = logs.purge_lines
        self.purge_metrics = logs.purge_metrics

    async def append(self, lines: Sequence[LogLine], metrics: Sequence[Metric] = ()) -> None:
        """Store them, then tell."""
        await self._logs.append(lines, metrics)
        self._feed.publish((), lines)

    async def read(
        self, execution_id: str, *, task_run_id: str | None = None, at_least: Level = Level.TRACE, limit: int = 10_000
    ) -> list[LogLine]:
        """The lines of an execution."""
        return await self._logs.read(execution_id, task_run_id=task_run_id, at_least=at_least, limit=limit)

    async def metrics(self, execution_id: str) -> list[Metric]:
        """The metrics of an execution."""
        return await self._logs.metrics(execution_id)
