"""Explains executions out of the store: reads all that one may wait for, and lets the engine say what that means."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from msgspec.structs import replace

from kapell.clock import Clock
from kapell.engine.explain import explain
from kapell.errors import KapellError, NotFound
from kapell.model.execution import Execution
from kapell.model.explanation import Explanation, Line, Pending
from kapell.model.flow import Flow
from kapell.model.log import Level
from kapell.model.messages import Event
from kapell.model.state import State
from kapell.ports.executions import Search
from kapell.ports.shards import shard_of
from kapell.ports.store import Store
from kapell.services.flow_cache import FlowCache

PAGE = 200
MOST_ERRORS = 1000
LIVE = tuple(state for state in State if not state.ended)
WITHOUT_SLOT = (State.CREATED, State.QUEUED)


class Explainer:
    """`at_hand` are events of an execution that an executor of this process has in memory.

    Who only looks at the store from outside doesn't know what the workers have: it is `beside` them.
    """

    def __init__(
        self,
        store: Store,
        flows: FlowCache,
        clock: Clock,
        at_hand: Callable[[str], Sequence[Event]] = lambda execution_id: (),
        *,
        beside: bool = False,
    ) -> None:
        self._store = store
        self._flows = flows
        self._clock = clock
        self._at_hand = at_hand
        self._beside = beside

    async def explain(self, execution_id: str) -> Explanation:
        """Why it is where it is; raises `NotFound`."""
        pending = await self._store.executions.pending(execution_id)
        if pending is None:
            raise NotFound(f"There is no execution {execution_id}")
        found = await self._explained(pending)
        if found.stuck and (events := self._at_hand(execution_id)):
            return await self._explained(replace(pending, events=tuple(events)))
        return found

    async def live(self, most: int) -> AsyncIterator[Explanation]:
        """The explanations of up to `most` executions that have not ended, the newest first, children too."""
        before: str | None = None
        while most > 0:
            search = Search(states=LIVE, loops=True, before=before, limit=min(most, PAGE))
            page = await self._store.executions.search(search)
            for row in page:
                yield await self.explain(row.id)
            if len(page) < search.limit:
                return
            most, before = most - len(page), page[-1].id

    async def _explained(self, pending: Pending) -> Explanation:
        execution = pending.execution
        flow = await self._flow(execution)
        jobs = [job.id for job in pending.jobs]
        return explain(
            pending,
            flow,
            self._clock.now(),
            holders=None if self._beside else await self._store.queue.holders(jobs),
            line=await self._line(execution, flow),
            error=await self._last_error(execution),
            owned=await self._owned(execution),
        )

    async def _flow(self, execution: Execution) -> Flow | None:
        """Its flow, None where that is gone or not understood any more: most can be said without it."""
        try:
            return await self._flows.of(execution)
        except KapellError:
            return None

    async def _line(self, execution: Execution, flow: Flow | None) -> Line | None:
        """The queue of its flow, out of the rows of its live executions."""
        if execution.state is not State.QUEUED or flow is None or flow.concurrency is None:
            return None
        search = Search(tenant=execution.tenant, namespace=execution.namespace, flow_id=execution.flow_id, states=LIVE)
        rows = await self._store.executions.search(replace(search, limit=PAGE * 5))
        rows = [row for row in rows if row.namespace == execution.namespace]
        queued = [row for row in rows if row.state is State.QUEUED]
        queued.sort(key=lambda row: (row.history[-1].at, row.id))
        return Line(
            limit=flow.concurrency.limit,
            running=tuple(sorted(row.id for row in rows if row.state not in WITHOUT_SLOT)),
            queued=tuple(row.id for row in queued),
        )

    async def _last_error(self, execution: Execution) -> str | None:
        if not execution.state.ended or execution.state is State.SUCCESS:
            return None
        lines = await self._store.logs.read(execution.id, at_least=Level.ERROR, limit=MOST_ERRORS)
        return lines[-1].message if lines else None

    async def _owned(self, execution: Execution) -> bool:
        shard = shard_of(execution.root_id, self._store.shards.count)
        return await self._store.shards.owner(shard, self._clock.now()) is not None
