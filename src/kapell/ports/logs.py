"""Log lines and metrics at rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from kapell.model.log import Level, LogLine, Metric


class Chosen(Struct, frozen=True, kw_only=True):
    """Which lines or metrics; all that is given must hold.

    `namespace` is a prefix by dots, with `flow_id` the flow's own. `since` and `until` include their instants. Metrics
    have no level.
    """

    namespace: str | None = None
    flow_id: str | None = None
    execution_id: str | None = None
    levels: tuple[Level, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


class Swept(Struct, frozen=True):
    """How many went in one sweep, and from which execution the next one goes on; None when all has been seen."""

    count: int
    after: str | None


class Removed(Struct, frozen=True):
    """How many lines and metrics went."""

    lines: int = 0
    metrics: int = 0


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

    async def remove(
        self, execution_ids: Sequence[str], limit: int, *, lines: bool = True, metrics: bool = True
    ) -> Removed:
        """Remove up to `limit` lines and as many metrics of executions in one transaction; call until none is left."""
        ...

    async def purge_lines(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove chosen lines of executions behind the id `after`, in one transaction.

        It looks at up to `limit` executions and removes up to `limit` lines; whoever wants all calls it until nothing
        is left to see, first with "".
        """
        ...

    async def purge_metrics(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """The same for metrics."""
        ...
