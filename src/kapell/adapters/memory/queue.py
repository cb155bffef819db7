"""From executors to workers within one process; the jobs' rows are safe in the store, so this may be forgotten."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from kapell.adapters.memory.inbox import Bell
from kapell.model.messages import CancelTask, RunTask
from kapell.ports.queue import Claim

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Entry:
    """A job and who holds it; `until` is None while it is held since an instant that nobody has told yet."""

    number: int
    task: RunTask
    worker_id: str | None = None
    span: timedelta = timedelta()
    until: datetime | None = None


class MemoryQueue:
    """Jobs that wait or are held. It knows the time only from the `now` of its callers."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._attempts: dict[tuple[str, int], str] = {}
        self._waiting: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        self._held: defaultdict[str, set[str]] = defaultdict(set)
        self._offered = 0
        self._bells: defaultdict[str, Bell] = defaultdict(Bell)
        self._cancelled: defaultdict[str, asyncio.Queue[CancelTask]] = defaultdict(asyncio.Queue)
        self._now = self._look_at = _LONG_AGO

    async def offer(self, tasks: Sequence[RunTask]) -> None:
        """Make committed jobs known to the workers; one that is offered again while it waits or is held is left out."""
        for task in tasks:
            if task.job.id not in self._entries:
                self._offered += 1
                self._entries[task.job.id] = entry = _Entry(self._offered, task)
                self._attempts[task.job.task_run_id, task.job.attempt] = task.job.id
                self._wait(entry)

    async def claim(self, worker_id: str, group: str, most: int, now: datetime, span: timedelta) -> list[Claim]:
        """Take up to `most` jobs, the oldest first, waiting until there is one.

        A job that is handed out after a wait is held from the next instant that the queue hears of.
        """
        self._hear(now)
        waited = False
        while not (entries := self._take(group, most)):
            await self._bells[group].next()
            waited = True
        until = self._now + span
        self._look_at = _LONG_AGO if waited else min(self._look_at, until)
        for entry in entries:
            entry.worker_id, entry.span, entry.until = worker_id, span, None if waited else until
            self._held[worker_id].add(entry.task.job.id)
        return [Claim(task=entry.task, worker_id=worker_id, until=until) for entry in entries]

    async def beat(self, worker_id: str, now: datetime, span: timedelta) -> list[str]:
        """Hold all that this worker has for another `span`; return the ids of jobs that it has lost.

        What it has not held in time and nobody else has taken is its own again.
        """
        self._now = max(self._now, now)
        self._look_at = _LONG_AGO
        lost = []
        for id in sorted(self._held[worker_id]):
            entry = self._entries.get(id)
            if entry is None or entry.worker_id not in (worker_id, None):
                lost.append(id)
            else:
                entry.worker_id, entry.span, entry.until = worker_id, span, self._now + span
        self._held[worker_id].difference_update(lost)
        self._hear(now)
        return lost

    async def done(self, worker_id: str, job_ids: Sequence[str]) -> None:
        """Forget jobs whose TaskFinished has been sent; another worker that has got one in between keeps it."""
        for id in job_ids:
            self._held[worker_id].discard(id)
            entry = self._entries.get(id)
            if entry is not None and entry.worker_id in (worker_id, None):
                self._forget(entry)

    async def holders(self, job_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Those of the jobs that wait or are held, each with the worker that has it, None while it waits."""
        return {id: self._entries[id].worker_id for id in job_ids if id in self._entries}

    async def give_back(self, worker_id: str, job_ids: Sequence[str]) -> None:
        """Let others have jobs that were claimed and not begun."""
        for id in job_ids:
            self._held[worker_id].discard(id)
            entry = self._entries.get(id)
            if entry is not None and entry.worker_id == worker_id:
                self._wait(entry)

    async def cancel(self, tasks: Sequence[CancelTask]) -> list[CancelTask]:
        """Tell whoever runs these attempts to stop; those that still waited are taken out, and returned."""
        withdrawn = []
        for task in tasks:
            entry = self._entries.get(self._attempts.get((task.task_run_id, task.attempt), ""))
            if entry is None:
                continue
            if entry.worker_id is None:
                self._forget(entry)
                withdrawn.append(task)
            else:
                self._cancelled[entry.worker_id].put_nowait(task)
        return withdrawn

    async def cancelled(self, worker_id: str) -> CancelTask:
        """Wait for the next cancellation that is meant for this worker."""
        return await self._cancelled[worker_id].get()

    def _wait(self, entry: _Entry) -> None:
        entry.worker_id = entry.until = None
        job = entry.task.job
        heappush(self._waiting[job.worker_group], (entry.number, job.id))
        self._bells[job.worker_group].ring()

    def _take(self, group: str, most: int) -> list[_Entry]:
        """The oldest that still wait; those that were cancelled, done or beaten for meanwhile are passed over."""
        waiting = self._waiting[group]
        taken: dict[str, _Entry] = {}
        while waiting and len(taken) < most:
            number, id = heappop(waiting)
            entry = self._entries.get(id)
            if entry is not None and entry.number == number and entry.worker_id is None:
                taken[id] = entry
        return list(taken.values())

    def _forget(self, entry: _Entry) -> None:
        job = entry.task.job
        del self._entries[job.id]
        self._attempts.pop((job.task_run_id, job.attempt), None)

    def _hear(self, now: datetime) -> None:
        """Let jobs wait again whose worker has not beaten in time, and begin the spans that wait for an instant."""
        self._now = max(self._now, now)
        if self._now < self._look_at:
            return
        held = [id for worker_id, ids in self._held.items() for id in ids if self._holds(worker_id, id)]
        entries = [self._entries[id] for id in held]
        for entry in entries:
            entry.until = entry.until or self._now + entry.span
        for entry in entries:
            if entry.until is not None and entry.until <= self._now:
                self._wait(entry)
        self._look_at = min((entry.until for entry in entries if entry.until is not None), default=_NEVER)

    def _holds(self, worker_id: str, id: str) -> bool:
        return id in self._entries and self._entries[id].worker_id == worker_id
