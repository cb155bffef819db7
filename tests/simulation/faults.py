"""Ports that may fail at any moment: where a process can die, be paused, or lose its connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from kapell.adapters.memory.executions import MemoryExecutions
from kapell.adapters.memory.queue import MemoryQueue
from kapell.model.messages import CancelTask, RunTask, Step
from kapell.ports.shards import Lease, shard_of


class Killed(BaseException):
    """The process is gone, in the middle of whatever it did."""


class Violation(AssertionError):
    """Something that must never happen has happened."""


class Faults:
    """Decides, by the seed, what goes wrong next; nothing does once it is `healed`."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.healed = False

    def happens(self, probability: float) -> bool:
        return not self.healed and self.chance.random() < probability


class FaultyExecutions:
    """One executor's way to the store. `meanwhile` lets the rest of the world go on while this process is paused.

    `saw` is told of what has been committed.
    """

    def __init__(
        self,
        inner: MemoryExecutions,
        faults: Faults,
        meanwhile: Callable[[], None],
        saw: Callable[[Sequence[Step]], None],
    ) -> None:
        self._inner = inner
        self._faults = faults
        self._meanwhile = meanwhile
        self._saw = saw

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def apply(self, steps: Sequence[Step], lease: Lease) -> None:
        if self._faults.happens(0.02):
            raise Killed
        if self._faults.happens(0.03):
            self._meanwhile()
        owned = self._inner._shards.epochs
        await self._inner.apply(steps, lease)
        if stale := [shard for shard, epoch in lease.epochs.items() if steps and owned.get(shard) != epoch]:
            touched = {shard_of(step.execution.root_id, self._inner._shards.count) for step in steps}
            if touched & set(stale):
                raise Violation("a commit with an old epoch was taken")
        self._saw(steps)
        if self._faults.happens(0.02):
            raise Killed


class FaultyQueue:
    """One executor's way to the workers; it remembers what was offered, for whoever checks."""

    def __init__(self, inner: MemoryQueue, faults: Faults, offered: Callable[[RunTask], None]) -> None:
        self._inner = inner
        self._faults = faults
        self._offered = offered

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    async def offer(self, tasks: Sequence[RunTask]) -> None:
        for task in tasks:
            self._offered(task)
            if self._faults.happens(0.02):
                raise Killed
            await self._inner.offer([task])

    async def cancel(self, tasks: Sequence[CancelTask]) -> list[CancelTask]:
        if self._faults.happens(0.1):
            raise Killed
        return await self._inner.cancel(tasks)
