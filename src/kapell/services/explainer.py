"""Explains executions out of the store: reads all that one may wait for, and lets the engine say what that means."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from msgspec.structs import replace

from kapell.clock import Clock
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
MOST_IN_LINE = 5000
"""A flow with more live executions than that has a queue in which places are not told."""
MOST_ERRORS = 1000
LIVE = tuple(state for state in State if not state.ended)
WITHOUT_SLOT = (State.CREATED, State.QUEUED)
Lines = dict[tuple[str, str, str], Line | None]
"""Queues by the flow's tenant, namespace and id, for who explains many executions at once."""


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

    async def explain(self, execution_id: str, lines: Lines | None = None) -> Explanation:
        """Why it is where it is; raises `NotFound`. Queues are read once for each `lines`."""
        pending = await self._store.executions.pending(execution_id)
        if pending is None:
            raise NotFound(f"There is no execution {execution_id}")
        lines = {} if lines is None else lines
        found = await self._explained(pending, lines)
        if found.stuck and (events := self._at_hand(execution_id)):
            return await self._explained(replace(pending, events=tuple(events)), lines)
        return found

    async def live(self, most: int) -> AsyncIterator[Explanation]:
        """The explanations of up to `most` executions that have not ended, the newest first, children too."""
        lines: Lines = {}
        before: str | None = None
        while most > 0:
            search = Search(states=LIVE, loops=True, before=before, limit=min(most, PAGE))
            page = await self._store.executions.search(search)
            for row in page:
                yield await self.explain(row.id, lines)
            if len(page) < search.limit:
                return
            most, before = most - len(page), page[-1].id

    async def _explained(self, pending: Pending, lines: Lines) -> Explanation:
        execution = pending.execution
        flow = await self._flow(execution)
        jobs = [job.id for job in pending.jobs]
        # Most runs end before anybody asks.
        from kapell.engine.explain import explain

        return explain(
            pending,
            flow,
            self._clock.now(),
            holders=None if self._beside else await self._store.queue.holders(jobs),
            line=await self._line(execution, flow, lines),
            error=await self._last_error(execution),
            owned=await self._owned(execution),
        )

    async def _flow(self, execution: Execution) -> Flow | None:
        """Its flow, None where that is gone or not understood any more: most can be said without it."""
        try:
            return await self._flows.of(execution)
        except KapellError:
            return None

    async def _line(self, execution: Execution, flow: Flow | None, lines: Lines) -> Line | None:
        """The queue of its flow, out of the rows of its live executions; None where it is in none, or too long."""
        if execution.state is not State.QUEUED or flow is None or flow.concurrency is None:
            return None
        key = (execution.tenant, execution.namespace, execution.flow_id)
        if key not in lines:
            rows = await self._live_of(*key)
            lines[key] = None if rows is None else _in_line(rows, flow.concurrency.limit)
        return lines[key]

    async def _live_of(self, tenant: str, namespace: str, flow_id: str) -> list[Execution] | None:
        """The live executions of a flow, None where there are too many."""
        rows: list[Execution] = []
        search = Search(tenant=tenant, namespace=namespace, flow_id=flow_id, states=LIVE, limit=1000)
        while page := await self._store.executions.search(search):
            rows += [row for row in page if row.namespace == namespace]
            search = replace(search, before=page[-1].id)
            if len(rows) > MOST_IN_LINE:
                return None
            if len(page) < search.limit:
                break
        return rows

    async def _last_error(self, execution: Execution) -> str | None:
        if not execution.state.ended or execution.state is State.SUCCESS:
            return None
        lines = await self._store.logs.read(execution.id, at_least=Level.ERROR, limit=MOST_ERRORS)
        return lines[-1].message if lines else None

    async def _owned(self, execution: Execution) -> bool:
        shard = shard_of(execution.root_id, self._store.shards.count)
        return await self._store.shards.owner(shard, self._clock.now()) is not None


def _in_line(rows: Sequence[Execution], limit: int) -> Line:
    queued = sorted((row.history[-1].at, row.id) for row in rows if row.state is State.QUEUED)
    return Line(
        limit=limit,
        running=tuple(sorted(row.id for row in rows if row.state not in WITHOUT_SLOT)),
        queued=tuple(id for _, id in queued),
    )
