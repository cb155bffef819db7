"""Timers in memory, sorted by when they are due."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from itertools import islice, takewhile

from kapell.model.messages import Timer

Entry = tuple[datetime, str, str]


class Timers:
    """Timers by execution and id, and for each shard in the order in which they are due."""

    def __init__(self) -> None:
        self._timers: defaultdict[str, dict[str, tuple[Timer, int]]] = defaultdict(dict)
        self._due: defaultdict[int, list[Entry]] = defaultdict(list)

    def put(self, timer: Timer, shard: int) -> None:
        """Set it, in the place of one that has its id."""
        self.drop(timer.execution_id, timer.id)
        self._timers[timer.execution_id][timer.id] = (timer, shard)
        insort(self._due[shard], _entry(timer))

    def drop(self, execution_id: str, id: str) -> None:
        """Remove it, if it is there."""
        found = self._timers.get(execution_id, {}).pop(id, None)
        if found is None:
            return
        timer, shard = found
        due = self._due[shard]
        del due[bisect_left(due, _entry(timer))]
        if not self._timers[execution_id]:
            del self._timers[execution_id]

    def forget(self, execution_id: str) -> None:
        """Remove all of an execution."""
        for id in list(self._timers.get(execution_id, {})):
            self.drop(execution_id, id)

    def of(self, execution_id: str) -> list[Timer]:
        """Those of one execution, the first due first."""
        return sorted((timer for timer, _ in self._timers.get(execution_id, {}).values()), key=_entry)

    def due(self, shards: Iterable[int], until: datetime, limit: int) -> list[Timer]:
        """Those due at `until` or before, the first due first."""
        waiting = merge(*(self._due[shard] for shard in shards if shard in self._due))
        entries = takewhile(lambda entry: entry[0] <= until, waiting)
        return [self._timers[execution_id][id][0] for _, execution_id, id in islice(entries, limit)]

    def next_due(self, shards: Iterable[int]) -> datetime | None:
        """When the first of these shards is due."""
        return min((due[0][0] for shard in shards if (due := self._due.get(shard))), default=None)


def _entry(timer: Timer) -> Entry:
    return (timer.due, timer.execution_id, timer.id)
