"""The store of one process that keeps nothing: all ports over memory."""

from __future__ import annotations

from kapell.adapters.memory.executions import MemoryExecutions
from kapell.adapters.memory.flows import MemoryFlows
from kapell.adapters.memory.kv import MemoryKv
from kapell.adapters.memory.logs import MemoryLogs
from kapell.adapters.memory.queue import MemoryQueue
from kapell.adapters.memory.shards import MemoryShards
from kapell.ports.executions import Executions
from kapell.ports.flows import Flows
from kapell.ports.kv import Kv
from kapell.ports.logs import Logs
from kapell.ports.queue import Queue
from kapell.ports.shards import Shards


class MemoryStore:
    """Everything in dicts. Each port may be replaced by one that wraps it, to make faults."""

    def __init__(self, shards: int = 1) -> None:
        logs, table = MemoryLogs(), MemoryShards(shards)
        self.executions: Executions = MemoryExecutions(table, logs)
        self.flows: Flows = MemoryFlows()
        self.kv: Kv = MemoryKv()
        self.logs: Logs = logs
        self.queue: Queue = MemoryQueue()
        self.shards: Shards = table

    async def open(self) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to write."""
