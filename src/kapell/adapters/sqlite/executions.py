"""Executions in SQLite. What this process has committed to the inboxes is also in memory, and read from there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kapell.adapters.memory.inbox import Inbox
from kapell.adapters.sqlite.database import Database
from kapell.adapters.sqlite.query import Session, Value, instant, micros
from kapell.adapters.sqlite.search import count, find
from kapell.adapters.sqlite.write import Writing, Written
from kapell.model.codec import decode, encode
from kapell.model.execution import Execution
from kapell.model.explanation import Pending
from kapell.model.messages import Event, Job, JournalRow, NewExecution, Step, Timer
from kapell.model.task_run import Outputs, TaskRun
from kapell.model.window import Window
from kapell.ports.executions import FlowCount, Loaded, Received, Search
from kapell.ports.shards import Lease

FRESH = 10_000
"""How many executions that have not begun are kept in memory, so that they need not be read to begin."""

RESTING = ("task_runs", "journal", "inbox", "timers", "jobs", "idempotency")
BELONGING = (*RESTING, "logs", "metrics")
"""The tables whose rows name their execution and go with it; outputs name their task run.

Lines and metrics may stay when an execution is purged.
"""


class SqliteExecutions:
    """The store of executions of one process."""

    def __init__(self, database: Database, shards: int) -> None:
        self._database = database
        self._shards = shards
        self._writing = Writing(shards, 0)
        self._inbox = Inbox()
        self._fresh: dict[str, Execution] = {}

    def prepare(self, session: Session) -> None:
        """Learn what waits in the inboxes; called once, when the file has been opened."""
        last = session.value("last_position")
        self._writing = Writing(self._shards, last if isinstance(last, int) else 0)
        for body, shard in session.rows("inbox"):
            if isinstance(body, bytes) and isinstance(shard, int):
                received = decode(body, Received)
                self._inbox.put([(received.position, received.event, shard)])

    async def create(self, new: Sequence[NewExecution]) -> list[str]:
        """Insert each row CREATED with its event into the inbox, all or none; return the ids."""
        written = await self._database.write_with(self._writing.create, new, self._learn)
        return written.ids

    async def send(self, events: Sequence[Event]) -> None:
        """Put events into the inboxes of their executions; those of executions that are gone are left out."""
        await self._database.write_with(self._writing.send, events, self._learn)

    async def inbox(self, lease: Lease, after: int, limit: int) -> list[Received]:
        """Events of the lease's shards at positions over `after` that no commit has absorbed."""
        return self._inbox.read(lease, after, limit)

    async def wake(self, lease: Lease) -> None:
        """Return once an inbox has got an event since this owner's last call."""
        await self._inbox.bell.wait(lease.owner)

    async def apply(self, steps: Sequence[Step], lease: Lease) -> None:
        """Save what the steps changed, all of it or nothing."""
        await self._database.write(lambda session: self._writing.apply(session, steps, lease), self._learn)

    async def load(self, execution_id: str) -> Loaded | None:
        """An execution with its task runs, or None where there is none."""
        fresh = self._fresh.get(execution_id)
        if fresh is not None:
            return Loaded(execution=fresh, runs=(), jobs=())
        return await self._database.read(lambda session: _load(session, execution_id))

    async def pending(self, execution_id: str) -> Pending | None:
        """An execution with all that its next event may come from, or None where there is none."""
        return await self._database.read(lambda session: _pending(session, execution_id))

    async def outputs(self, task_run_ids: Sequence[str]) -> Mapping[str, Outputs]:
        """The outputs of those of the task runs that have any."""
        rows = await self._database.read(lambda session: session.rows("outputs", _list(task_run_ids)))
        return {str(id): decode(body, dict[str, object]) for id, body in rows if isinstance(body, bytes)}

    async def unfinished(self, lease: Lease, after: str | None, limit: int) -> list[str]:
        """Ids, ascending, of executions that have not ended and sort after `after`."""
        values = (_list(lease.epochs), after or "", limit)
        return [str(id) for (id,) in await self._database.read(lambda session: session.rows("unfinished", *values))]

    async def trailing(self, lease: Lease) -> list[str]:
        """Ids, ascending, of executions that have ended, and of which a job is to be done yet."""
        shards = _list(lease.epochs)
        return [str(id) for (id,) in await self._database.read(lambda session: session.rows("trailing", shards))]

    async def timers(self, lease: Lease, until: datetime, limit: int) -> list[Timer]:
        """The timers that are due at `until` or before, the first due first."""
        values = (_list(lease.epochs), micros(until), limit)
        bodies = await self._database.read(lambda session: session.bodies("timers", *values))
        return [decode(body, Timer) for body in bodies]

    async def windows(self) -> list[Window]:
        """The windows of all triggers in which anything has come."""
        bodies = await self._database.read(lambda session: session.bodies("windows"))
        return [decode(body, Window) for body in bodies]

    async def next_due(self, lease: Lease) -> datetime | None:
        """When the first timer is due."""
        due = await self._database.read(lambda session: session.value("next_due", _list(lease.epochs)))
        return instant(due) if isinstance(due, int) else None

    async def get(self, execution_id: str) -> Execution | None:
        """The execution as it was after its last committed step."""
        body = await self._database.read(lambda session: session.body("get", execution_id))
        return None if body is None else decode(body, Execution)

    async def task_runs(self, execution_id: str) -> list[TaskRun]:
        """Its task runs in the order of creation."""
        bodies = await self._database.read(lambda session: session.bodies("task_runs", execution_id))
        return [decode(body, TaskRun) for body in bodies]

    async def search(self, search: Search) -> list[Execution]:
        """A page of executions, the newest first."""
        bodies = await self._database.read(lambda session: find(session, search))
        return [decode(body, Execution) for body in bodies]

    async def count(self, search: Search) -> list[FlowCount]:
        """How many are what `search` asks for, by namespace and flow."""
        return await self._database.read(lambda session: count(session, search))

    async def tree(self, execution_ids: Sequence[str], *, loops: bool = False) -> list[Execution]:
        """The executions with all that descend from them, or only those of their Loops, the oldest first."""
        bodies = await self._database.read(lambda session: session.bodies("tree", _list(execution_ids), loops))
        return [decode(body, Execution) for body in bodies]

    async def journal(self, execution_id: str) -> list[JournalRow]:
        """Its steps, the first one first."""
        bodies = await self._database.read(lambda session: session.bodies("journal", execution_id))
        return [decode(body, JournalRow) for body in bodies]

    async def delete(self, execution_id: str) -> bool:
        """Remove it with all that belongs to it, its Loops' executions too."""
        gone = await self._database.write(lambda session: _delete(session, execution_id), self._forget)
        return bool(gone)

    async def resting(self, execution_ids: Sequence[str]) -> list[str]:
        """Those of the executions that have ended, with all that is theirs."""
        return list(await self._database.read(lambda session: _resting(session, execution_ids)))

    async def purge(self, execution_ids: Sequence[str]) -> list[str]:
        """Remove those of the executions that rest, with the executions of their Loops; lines and metrics stay."""
        purged, _ = await self._database.write(
            lambda session: _purge(session, execution_ids), lambda done: self._forget(done[1])
        )
        return purged

    def _learn(self, written: Written) -> None:
        """Keep memory as the file is after a commit."""
        self._fresh.update((one.id, one) for one in written.fresh)
        for id in written.begun:
            self._fresh.pop(id, None)
        while len(self._fresh) > FRESH:
            del self._fresh[next(iter(self._fresh))]
        self._inbox.absorb(written.absorbed)
        self._inbox.put(written.events)

    def _forget(self, gone: Sequence[str]) -> None:
        for id in gone:
            self._fresh.pop(id, None)
            self._inbox.forget(id)


def _load(session: Session, execution_id: str) -> Loaded | None:
    body = session.body("get", execution_id)
    if body is None:
        return None
    return Loaded(
        execution=decode(body, Execution),
        runs=tuple(decode(body, TaskRun) for body in session.bodies("task_runs", execution_id)),
        jobs=tuple(decode(body, Job) for body in session.bodies("jobs", execution_id)),
    )


def _pending(session: Session, execution_id: str) -> Pending | None:
    body = session.body("get", execution_id)
    if body is None:
        return None
    return Pending(
        execution=decode(body, Execution),
        runs=tuple(decode(body, TaskRun) for body in session.bodies("open_task_runs", execution_id)),
        jobs=tuple(decode(body, Job) for body in session.bodies("jobs", execution_id)),
        timers=tuple(decode(body, Timer) for body in session.bodies("timers_of", execution_id)),
        events=tuple(decode(body, Received).event for body in session.bodies("inbox_of", execution_id)),
        children=tuple(decode(body, Execution) for body in session.bodies("open_children", execution_id)),
    )


def _delete(session: Session, execution_id: str) -> list[str]:
    """The ids of the executions that are gone: itself, and those of its Loops."""
    gone = [str(id) for (id,) in session.rows("with_loops", execution_id)]
    _remove(session, gone, BELONGING)
    return gone


def _resting(session: Session, execution_ids: Sequence[str]) -> dict[str, list[str]]:
    """Those of the executions that rest, each with its own id and those of its Loops' executions."""
    trees: dict[str, list[str]] = {}
    busy: set[str] = set()
    for first, id, rests in session.rows("with_loops_of", _list(execution_ids)):
        trees.setdefault(str(first), []).append(str(id))
        if not rests:
            busy.add(str(first))
    return {id: trees[id] for id in execution_ids if id in trees and id not in busy}


def _purge(session: Session, execution_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The ids of those of the executions that are gone, and the same with those of their Loops."""
    trees = _resting(session, execution_ids)
    gone = [id for tree in trees.values() for id in tree]
    _remove(session, gone, RESTING)
    return list(trees), gone


def _remove(session: Session, ids: Sequence[str], tables: Sequence[str]) -> None:
    session.rows("remove_outputs_of", _list(ids))
    for table in tables:
        session.delete(table, "execution_id", ids)
    session.delete("executions", "id", ids)


def _list(values: Sequence[str] | Mapping[int, int]) -> Value:
    return encode(list(values)).decode()
