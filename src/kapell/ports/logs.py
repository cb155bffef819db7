"""Log lines and metrics at rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kapell.model.log import Level, LogLine, Metric


class Logs(Protocol):
    """What tasks said and measured. Written in batches by workers; lines of inline tasks come with their Step."""

    async def append(self, lines: Sequence[LogLine], metrics: Sequence[Metric] = ()) -> None:
        """Store them durably; a line that is there already (task run, attempt, number) is left out."""
        ...

    async def read(
        self, execution_id: str, *, task_run_id: str | None = None, at_least: Level = Level.TRACE, limit: int = 10_000
    ) -> list[LogLine]:
        """The lines in the order of their instants, those of one attempt in the order of their numbers."""
        ...

    async def metrics(self, execution_id: str) -> list[Metric]:
        """The metrics in the order they came."""
        ...
