"""The ports that one place keeps together, so that assembly can hand them over as one."""

from __future__ import annotations

from typing import Protocol

from kapell.ports.executions import Executions
from kapell.ports.flows import Flows
from kapell.ports.kv import Kv
from kapell.ports.logs import Logs
from kapell.ports.queue import Queue
from kapell.ports.shards import Shards


class Store(Protocol):
    """Everything that must survive: one database, or memory."""

    executions: Executions
    flows: Flows
    kv: Kv
    logs: Logs
    queue: Queue
    shards: Shards

    async def open(self) -> None:
        """Make ready: the file, the schema, the threads. Raises `StoreError` when it can't be used, and says why."""
        ...

    async def close(self) -> None:
        """Write what waits and let go."""
        ...
