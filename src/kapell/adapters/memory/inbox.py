"""Events that wait for the owner of their shard, and the bell that tells it; SQLite mirrors its table in these."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice

from kapell.model.messages import Event
from kapell.ports.executions import Received
from kapell.ports.shards import Lease


class Bell:
    """Rings for everyone who waits, and for each of those who come later once."""

    def __init__(self) -> None:
        self._rings = 0
        self._heard: dict[str, int] = {}
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        """Let go all who wait."""
        self._rings += 1
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self, who: str) -> None:
        """Return when it has rung since `who` was here the last time."""
        if self._heard.get(who, 0) == self._rings:
            await self.next()
        self._heard[who] = self._rings

    async def next(self) -> None:
        """Return when it rings the next time."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)


class Inbox:
    """The events of all shards by position."""

    def __init__(self) -> None:
        self.bell = Bell()
        self._order: list[int] = []
        self._events: dict[int, tuple[Event, int]] = {}
        self._positions: dict[str, int] = {}
        self._last = 0

    def add(self, events: Iterable[tuple[Event, int]]) -> None:
        """Put each event in at the next position, unless its id is there, and ring."""
        self.put((self._last + 1 + n, event, shard) for n, (event, shard) in enumerate(events))

    def put(self, rows: Iterable[tuple[int, Event, int]]) -> None:
        """Put in (position, event, shard), positions ascending, unless the event's id is there; ring if any came."""
        before = self._last
        for position, event, shard in rows:
            if event.id not in self._positions:
                self._order.append(position)
                self._events[position] = (event, shard)
                self._positions[event.id] = self._last = position
        if self._last > before:
            self.bell.ring()

    def absorb(self, event_ids: Iterable[str]) -> None:
        """Take out those that are there."""
        for event_id in event_ids:
            position = self._positions.pop(event_id, None)
            if position is not None:
                del self._events[position]
        if len(self._order) > 2 * len(self._events) + 1000:
            self._order = [position for position in self._order if position in self._events]

    def forget(self, execution_id: str) -> None:
        """Take out all of one execution."""
        self.absorb([event.id for event, _ in self._events.values() if event.execution_id == execution_id])

    def by_execution(self) -> Mapping[str, list[Event]]:
        """The events of each execution that has any, by position."""
        found: defaultdict[str, list[Event]] = defaultdict(list)
        for event, _ in self._events.values():
            found[event.execution_id].append(event)
        return found

    def read(self, lease: Lease, after: int, limit: int) -> list[Received]:
        """Up to `limit` events of the lease's shards at positions over `after`."""
        found: list[Received] = []
        for position in islice(self._order, bisect_right(self._order, after), None):
            event, shard = self._events.get(position, _NONE)
            if event is not None and shard in lease.epochs:
                found.append(Received(position, event))
                if len(found) == limit:
                    break
        return found


_NONE: tuple[None, int] = (None, -1)
