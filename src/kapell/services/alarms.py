"""Timers of an executor's shards that are due soon, in memory; the rows in the store are the truth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from kapell.model.messages import Timer

HORIZON = timedelta(seconds=60)


class Alarms:
    """A heap by due time, filled up to a horizon. One that was dropped meanwhile still fires, and finds nothing."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str, Timer]] = []
        self._known: set[tuple[str, datetime]] = set()
        self.horizon: datetime | None = None

    def add(self, timers: Iterable[Timer]) -> None:
        """Remember those that are due before the horizon."""
        for timer in timers:
            key = (timer.id, timer.due)
            if key not in self._known and (self.horizon is None or timer.due <= self.horizon):
                self._known.add(key)
                heappush(self._heap, (timer.due, timer.id, timer))

    def due(self, now: datetime) -> list[Timer]:
        """Take out those that are due."""
        found = []
        while self._heap and self._heap[0][0] <= now:
            _, _, timer = heappop(self._heap)
            self._known.discard((timer.id, timer.due))
            found.append(timer)
        return found

    @property
    def first(self) -> datetime | None:
        """When the next one is due, as far as is known."""
        return self._heap[0][0] if self._heap else None

    def forget(self, execution_ids: set[str]) -> None:
        """Drop those of executions that have ended or were lost."""
        self._heap = [entry for entry in self._heap if entry[2].execution_id not in execution_ids]
        heapify(self._heap)
        self._known = {(timer.id, due) for due, _, timer in self._heap}

    def clear(self) -> None:
        """Forget everything."""
        self._heap.clear()
        self._known.clear()
        self.horizon = None
