"""The store of `kapell server local`: all ports over one SQLite file that this process alone has open."""

from __future__ import annotations

from pathlib import Path

from kapell.adapters.memory.queue import MemoryQueue
from kapell.adapters.sqlite.database import Database
from kapell.adapters.sqlite.executions import SqliteExecutions
from kapell.adapters.sqlite.flows import SqliteFlows
from kapell.adapters.sqlite.kv import SqliteKv
from kapell.adapters.sqlite.logs import SqliteLogs
from kapell.adapters.sqlite.query import Session
from kapell.adapters.sqlite.shards import SqliteShards
from kapell.ports.executions import Executions
from kapell.ports.flows import Flows
from kapell.ports.kv import Kv
from kapell.ports.logs import Logs
from kapell.ports.queue import Queue
from kapell.ports.shards import Shards


class SqliteStore:
    """Everything in one file. Jobs go to the workers through memory: their rows are safe, and offered again."""

    def __init__(self, path: Path, shards: int = 1) -> None:
        self._database = Database(path)
        self._executions = SqliteExecutions(self._database, shards)
        self._shards = SqliteShards(self._database, shards)
        self.executions: Executions = self._executions
        self.flows: Flows = SqliteFlows(self._database)
        self.kv: Kv = SqliteKv(self._database)
        self.logs: Logs = SqliteLogs(self._database)
        self.queue: Queue = MemoryQueue()
        self.shards: Shards = self._shards

    async def open(self) -> None:
        """Make ready the file, its schema and the threads. Raises `StoreError` when it can't be used, and says why."""
        await self._database.open(self._prepare)

    async def look(self) -> None:
        """Open it for reading only, beside whoever has it open; raises `StoreError` when there is nothing to read."""
        await self._database.look()

    async def close(self) -> None:
        """Write what waits and let go of the file."""
        await self._database.close()

    def _prepare(self, session: Session) -> None:
        self._shards.prepare(session)
        self._executions.prepare(session)
