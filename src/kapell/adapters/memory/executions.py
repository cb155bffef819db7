"""Executions in memory: the same promises as a database's, for one process and while it lives."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from heapq import nsmallest
from itertools import islice
from typing import TypeVar

from msgspec.structs import replace

from kapell.adapters.changes import Changes, Key, Known, asked, asked_windows, check_lease, gather
from kapell.adapters.memory.inbox import Inbox
from kapell.adapters.memory.logs import MemoryLogs
from kapell.adapters.memory.search import matches
from kapell.adapters.memory.shards import MemoryShards
from kapell.adapters.memory.timers import Timers
from kapell.errors import Refused, StoreError
from kapell.model.execution import Execution, Kind
from kapell.model.explanation import Pending
from kapell.model.messages import Event, Job, JournalRow, NewExecution, Step, Timer
from kapell.model.state import State
from kapell.model.task_run import Outputs, TaskRun
from kapell.model.window import Window, WindowKey
from kapell.ports.executions import FlowCount, Loaded, Received, Search
from kapell.ports.shards import Lease, shard_of

Request = tuple[str | None, str]
"""Digest of a request that had an idempotency key, and the id of the execution that it made."""
WELL = (State.SUCCESS, State.SKIPPED)
"""What a task run comes to that nobody asks about any more."""
T = TypeVar("T")


class MemoryExecutions:
    """Tables as dicts. Every method does its work without awaiting, so each is one transaction."""

    def __init__(self, shards: MemoryShards, logs: MemoryLogs) -> None:
        self._shards = shards
        self._logs = logs
        self._executions: dict[str, Execution] = {}
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        self._live: set[str] = set()
        self._runs: defaultdict[str, dict[str, TaskRun]] = defaultdict(dict)
        self._outputs: dict[str, Outputs] = {}
        self._jobs: defaultdict[str, dict[str, Job]] = defaultdict(dict)
        self._journal: defaultdict[str, list[JournalRow]] = defaultdict(list)
        self._keys: dict[Key, Request] = {}
        self._key_of: dict[str, Key] = {}
        self._timers = Timers()
        self._windows: dict[WindowKey, Window] = {}
        self._inbox = Inbox()

    async def create(self, new: Sequence[NewExecution]) -> list[str]:
        """Insert each row CREATED with its event into the inbox, all or none; return the ids."""
        ids: list[str] = []
        fresh: dict[str, NewExecution] = {}
        keys: dict[Key, Request] = {}
        for one in new:
            id = self._known(one, keys)
            if id is None:
                id = one.execution.id
                if id in self._executions or id in fresh:
                    raise StoreError(f"there is an execution {id} already")
                fresh[id] = one
            ids.append(id)
        self._keys |= keys
        self._key_of.update((id, key) for key, (_, id) in keys.items())
        for one in fresh.values():
            self._put(one.execution)
        self._inbox.add((one.event, self._shard(one.execution)) for one in fresh.values())
        return ids

    async def send(self, events: Sequence[Event]) -> None:
        """Put events into the inboxes of their executions; those of executions that are gone are left out."""
        targets = ((event, self._executions.get(event.execution_id)) for event in events)
        self._inbox.add((event, self._shard(target)) for event, target in targets if target is not None)

    async def inbox(self, lease: Lease, after: int, limit: int) -> list[Received]:
        """Events of the lease's shards at positions over `after` that no commit has absorbed."""
        return self._inbox.read(lease, after, limit)

    async def wake(self, lease: Lease) -> None:
        """Return once an inbox has got an event since this owner's last call."""
        await self._inbox.bell.wait(lease.owner)

    async def apply(self, steps: Sequence[Step], lease: Lease) -> None:
        """Save what the steps changed, all of it or nothing."""
        count = self._shards.count
        check_lease(steps, lease, self._shards.epochs, count)
        stored = ((id, self._executions.get(id)) for id in asked(steps))
        known = {id: Known(found.version, self._shard(found)) for id, found in stored if found is not None}
        windows = {key: self._windows[key].version for key in asked_windows(steps) if key in self._windows}
        self._write(gather(steps, known, count, windows))

    async def load(self, execution_id: str) -> Loaded | None:
        """An execution with its task runs, or None where there is none."""
        execution = self._executions.get(execution_id)
        if execution is None:
            return None
        jobs = self._jobs.get(execution_id, {})
        return Loaded(execution=execution, runs=tuple(await self.task_runs(execution_id)), jobs=tuple(jobs.values()))

    async def pending(self, execution_id: str) -> Pending | None:
        """An execution with all that its next event may come from, or None where there is none."""
        execution = self._executions.get(execution_id)
        if execution is None:
            return None
        children = (self._executions[id] for id in self._children.get(execution_id, ()) if id in self._executions)
        events = self._inbox.by_execution()
        return Pending(
            execution=execution,
            runs=tuple(run for run in await self.task_runs(execution_id) if run.state not in WELL),
            jobs=tuple(self._jobs.get(execution_id, {}).values()),
            timers=tuple(self._timers.of(execution_id)),
            events=tuple(events.get(execution_id, ())),
            children=tuple(child for child in children if not child.state.ended or child.id in events),
        )

    async def outputs(self, task_run_ids: Sequence[str]) -> Mapping[str, Outputs]:
        """The outputs of those of the task runs that have any."""
        return {id: self._outputs[id] for id in task_run_ids if id in self._outputs}

    async def unfinished(self, lease: Lease, after: str | None, limit: int) -> list[str]:
        """Ids, ascending, of executions that have not ended and sort after `after`."""
        mine = (id for id in self._live if self._shard(self._executions[id]) in lease.epochs)
        return nsmallest(limit, (id for id in mine if after is None or id > after))

    async def trailing(self, lease: Lease) -> list[str]:
        """Ids, ascending, of executions that have ended, and of which a job is to be done yet."""
        ended = (self._executions[id] for id, jobs in self._jobs.items() if jobs and id not in self._live)
        return sorted(execution.id for execution in ended if self._shard(execution) in lease.epochs)

    async def timers(self, lease: Lease, until: datetime, limit: int) -> list[Timer]:
        """The timers that are due at `until` or before, the first due first."""
        return self._timers.due(lease.epochs, until, limit)

    async def windows(self) -> list[Window]:
        """The windows of all triggers in which anything has come."""
        return list(self._windows.values())

    async def next_due(self, lease: Lease) -> datetime | None:
        """When the first timer is due."""
        return self._timers.next_due(lease.epochs)

    async def get(self, execution_id: str) -> Execution | None:
        """The execution as it was after its last committed step."""
        return self._executions.get(execution_id)

    async def task_runs(self, execution_id: str) -> list[TaskRun]:
        """Its task runs in the order of creation."""
        return sorted(self._runs.get(execution_id, {}).values(), key=lambda run: run.number)

    async def search(self, search: Search) -> list[Execution]:
        """A page of executions, the newest first."""
        return list(islice(self._found(search), search.limit))

    async def count(self, search: Search) -> list[FlowCount]:
        """How many are what `search` asks for, by namespace and flow."""
        found = self._found(replace(search, before=None))
        numbers = Counter((execution.namespace, execution.flow_id) for execution in found)
        return [FlowCount(*key, numbers[key]) for key in sorted(numbers)]

    async def tree(self, execution_ids: Sequence[str], *, loops: bool = False) -> list[Execution]:
        """The executions with all that descend from them, or only those of their Loops, the oldest first."""
        found: dict[str, Execution] = {}
        waiting = [id for id in execution_ids if id in self._executions]
        while waiting:
            id = waiting.pop()
            if id not in found:
                found[id] = self._executions[id]
                waiting += self._below(id, loops)
        return [found[id] for id in sorted(found)]

    async def journal(self, execution_id: str) -> list[JournalRow]:
        """Its steps, the first one first."""
        return list(self._journal.get(execution_id, ()))

    async def delete(self, execution_id: str) -> bool:
        """Remove it with all that belongs to it, its Loops' executions too."""
        gone = await self.tree([execution_id], loops=True)
        for execution in gone:
            self._remove(execution.id)
            self._logs.forget(execution.id)
        return bool(gone)

    async def resting(self, execution_ids: Sequence[str]) -> list[str]:
        """Those of the executions that have ended, with all that is theirs."""
        events = self._inbox.by_execution()
        found = [(id, await self.tree([id], loops=True)) for id in execution_ids]
        return [id for id, tree in found if tree and all(self._rests(one) and one.id not in events for one in tree)]

    async def purge(self, execution_ids: Sequence[str]) -> list[str]:
        """Remove those of the executions that rest, with the executions of their Loops; lines and metrics stay."""
        purged = await self.resting(execution_ids)
        for execution in await self.tree(purged, loops=True):
            self._remove(execution.id)
        return purged

    def _rests(self, execution: Execution) -> bool:
        runs = self._runs.get(execution.id, {}).values()
        return execution.state.ended and all(run.state.ended for run in runs)

    def _below(self, id: str, loops: bool) -> list[str]:
        children = (self._executions[child] for child in self._children.get(id, ()) if child in self._executions)
        return [child.id for child in children if child.kind is Kind.LOOP or not loops]

    def _remove(self, execution_id: str) -> None:
        del self._executions[execution_id]
        self._children.pop(execution_id, None)
        for run in self._runs.pop(execution_id, {}).values():
            self._outputs.pop(run.id, None)
        self._live.discard(execution_id)
        self._jobs.pop(execution_id, None)
        self._journal.pop(execution_id, None)
        if execution_id in self._key_of:
            del self._keys[self._key_of.pop(execution_id)]
        self._timers.forget(execution_id)
        self._inbox.forget(execution_id)

    def _known(self, one: NewExecution, keys: dict[Key, Request]) -> str | None:
        """The id of the execution that has its idempotency key; a new key is noted in `keys`."""
        if one.idempotency_key is None:
            return None
        key = (one.execution.tenant, one.idempotency_key)
        found = self._keys.get(key) or keys.get(key)
        if found is None:
            keys[key] = (one.request_digest, one.execution.id)
            return None
        if found[0] != one.request_digest:
            raise Refused(f"idempotency key {one.idempotency_key} was used for another request")
        return found[1]

    def _write(self, changes: Changes) -> None:
        for execution in (*changes.created.values(), *changes.changed.values()):
            self._put(execution)
        for (execution_id, run_id), run in changes.runs.items():
            _set(self._runs[execution_id], run_id, run)
        for (_, run_id), outputs in changes.outputs.items():
            _set(self._outputs, run_id, outputs)
        for (execution_id, job_id), job in changes.jobs.items():
            _set(self._jobs[execution_id], job_id, job)
        for (execution_id, timer_id), timer in changes.timers.items():
            if timer is None:
                self._timers.drop(execution_id, timer_id)
            else:
                self._timers.put(*timer)
        self._windows |= changes.windows
        for row in changes.journal:
            self._journal[row.execution_id].append(row)
        self._logs.add(changes.logs, changes.metrics)
        self._inbox.absorb(changes.absorbed)
        self._inbox.add(changes.events.values())

    def _put(self, execution: Execution) -> None:
        if execution.id not in self._executions and execution.parent_id is not None:
            self._children[execution.parent_id].append(execution.id)
        self._executions[execution.id] = execution
        (self._live.discard if execution.state.ended else self._live.add)(execution.id)

    def _shard(self, execution: Execution) -> int:
        return shard_of(execution.root_id, self._shards.count)

    def _found(self, search: Search) -> Iterator[Execution]:
        for id in sorted(self._executions, reverse=True):
            execution = self._executions[id]
            asked = (search.before is None or id < search.before) and matches(search, execution)
            if asked and (not search.settled or self._is_settled(execution)):
                yield execution

    def _is_settled(self, execution: Execution) -> bool:
        first = self._executions.get(execution.root_id, execution)
        later = (self._executions[id] for id in self._below(execution.id, loops=False))
        return execution.state.ended and first.state.ended and all(one.state.ended for one in later)


def _set(table: dict[str, T], key: str, value: T | None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value
