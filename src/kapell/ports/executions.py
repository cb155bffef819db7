"""Executions at rest: creating them, applying Steps, reading them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from kapell.model.execution import Execution
from kapell.model.explanation import Pending
from kapell.model.messages import Event, Job, JournalRow, NewExecution, Step, Timer
from kapell.model.state import State
from kapell.model.task_run import Outputs, TaskRun
from kapell.model.window import Window
from kapell.ports.shards import Lease


class Loaded(Struct, frozen=True, kw_only=True):
    """An execution's skeleton, for the executor: no outputs, these are read on demand.

    `runs` are in the order of creation; `jobs` are attempts that were handed out and not told finished.
    """

    execution: Execution
    runs: tuple[TaskRun, ...]
    jobs: tuple[Job, ...]


class Received(Struct, frozen=True):
    """An event in an inbox; positions grow, and are never given twice."""

    position: int
    event: Event


class Search(Struct, frozen=True, kw_only=True):
    """What to list; all that is given must hold.

    `namespace` is a prefix by dots, with `flow_id` the flow's own; `before` is the last id of the page before. Of
    `created_from`, `created_to` and `ended_by` each includes its instant, and `ended_by` leaves out what has not ended.
    `child` asks whether another execution started it. `settled` are those of every kind but LOOP that have ended
    with the first of their tree and all whose parent they are.
    """

    tenant: str = "main"
    namespace: str | None = None
    flow_id: str | None = None
    states: tuple[State, ...] = ()
    parent_id: str | None = None
    before: str | None = None
    limit: int = 25
    loops: bool = False
    created_from: datetime | None = None
    created_to: datetime | None = None
    ended_by: datetime | None = None
    labels: Mapping[str, str] = {}
    child: bool | None = None
    settled: bool = False


class FlowCount(Struct, frozen=True):
    """How many executions of a flow there are."""

    namespace: str
    flow_id: str
    count: int


class Executions(Protocol):
    """The store of executions; nothing it returns is ever changed in place."""

    async def create(self, new: Sequence[NewExecution]) -> list[str]:
        """Insert each row CREATED with its event into the inbox, all in one transaction; return the ids.

        Where an idempotency key is known already with the same digest, its execution's id is returned and nothing
        inserted; with another digest `Refused` is raised and nothing of the batch written.
        """
        ...

    async def send(self, events: Sequence[Event]) -> None:
        """Put events into the inboxes of their executions, in this order; one whose id is there already is left out."""
        ...

    async def inbox(self, lease: Lease, after: int, limit: int) -> list[Received]:
        """Events of the lease's shards at positions over `after` that no commit has absorbed, by position.

        They stay until a commit absorbs them. A transaction that ends late may bring a position below one that
        was seen already, so whoever reads begins again from 0 now and then.
        """
        ...

    async def wake(self, lease: Lease) -> None:
        """Return once an inbox of these shards has, or may have, got an event since the last call."""
        ...

    async def apply(self, steps: Sequence[Step], lease: Lease) -> None:
        """Save what the steps changed and their journal in one transaction, and absorb their events.

        Of rows that several steps changed only the last image is written. Children get their rows and inbox
        events, `sent` events theirs. Raises `LeaseLost` when a shard of the steps has a newer epoch, `StoreError`
        when it could not be written; in both cases nothing is.
        """
        ...

    async def load(self, execution_id: str) -> Loaded | None:
        """An execution with its task runs, or None where there is none."""
        ...

    async def pending(self, execution_id: str) -> Pending | None:
        """An execution with all that its next event may come from, as of one moment; None where there is none."""
        ...

    async def outputs(self, task_run_ids: Sequence[str]) -> Mapping[str, Outputs]:
        """The outputs of those of the task runs that have any."""
        ...

    async def unfinished(self, lease: Lease, after: str | None, limit: int) -> list[str]:
        """Ids, ascending, of executions of the lease's shards that have not ended and sort after `after`."""
        ...

    async def trailing(self, lease: Lease) -> list[str]:
        """Ids, ascending, of executions of the lease's shards that have ended, and of which a job is to be done yet."""
        ...

    async def timers(self, lease: Lease, until: datetime, limit: int) -> list[Timer]:
        """The timers of the lease's shards that are due at `until` or before, the first due first."""
        ...

    async def windows(self) -> list[Window]:
        """The windows of all triggers in which anything has come, in no certain order."""
        ...

    async def next_due(self, lease: Lease) -> datetime | None:
        """When the first timer of the lease's shards is due."""
        ...

    async def get(self, execution_id: str) -> Execution | None:
        """The execution as it was after its last committed step."""
        ...

    async def task_runs(self, execution_id: str) -> list[TaskRun]:
        """Its task runs in the order of creation."""
        ...

    async def search(self, search: Search) -> list[Execution]:
        """A page of executions, the newest first."""
        ...

    async def count(self, search: Search) -> list[FlowCount]:
        """How many are what `search` asks for, its page aside, by namespace and flow; no row for a flow without any."""
        ...

    async def tree(self, execution_ids: Sequence[str], *, loops: bool = False) -> list[Execution]:
        """Those of the executions that are there with all that descend from them, the oldest first.

        With `loops` only the executions of their Loops, of any depth, come along.
        """
        ...

    async def journal(self, execution_id: str) -> list[JournalRow]:
        """Its steps, the first one first."""
        ...

    async def delete(self, execution_id: str) -> bool:
        """Remove it with all that belongs to it; False where there is none."""
        ...

    async def resting(self, execution_ids: Sequence[str]) -> list[str]:
        """Those of the executions that have ended with all of their task runs and Loops, with no event that waits."""
        ...

    async def purge(self, execution_ids: Sequence[str]) -> list[str]:
        """Remove those of the executions that rest, in one transaction, and return their ids.

        What belongs to them goes along, the executions of their Loops too; lines and metrics stay, until `Logs.remove`.
        """
        ...
