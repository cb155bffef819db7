"""Which executions of a flow run and which wait for a slot: derived from their rows, never counted apart from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from kapell.ids import derived_id
from kapell.model.execution import Execution, Kind
from kapell.model.flow import Flow
from kapell.model.messages import SlotGiven
from kapell.model.state import State

Key = tuple[str, str, str]


class Slots:
    """The live executions of flows that have a limit, as their last steps left them."""

    def __init__(self) -> None:
        self._running: defaultdict[Key, set[str]] = defaultdict(set)
        self._queued: defaultdict[Key, dict[str, None]] = defaultdict(dict)
        self._promised: set[str] = set()
        self._limits: dict[Key, int] = {}

    def taken(self, tenant: str, namespace: str, flow_id: str) -> int:
        """How many hold a slot, or have been given one that they are about to take."""
        return len(self._running[tenant, namespace, flow_id])

    def has_promised(self, execution_id: str) -> bool:
        """Whether a slot is kept for it that it has not taken yet."""
        return execution_id in self._promised

    def see(self, execution: Execution, flow: Flow) -> SlotGiven | None:
        """Note what a step has made of an execution; the event for the next in the queue, when a slot is free now."""
        if flow.concurrency is None or execution.kind is Kind.LOOP:
            return None
        key = (execution.tenant, execution.namespace, execution.flow_id)
        running, queued, id = self._running[key], self._queued[key], execution.id
        self._limits[key] = flow.concurrency.limit
        freed = id in running and execution.state.ended
        if execution.state is State.QUEUED and id in self._promised:
            return None
        self._promised.discard(id)
        running.discard(id)
        queued.pop(id, None)
        if execution.state is State.QUEUED:
            queued[id] = None
        elif not execution.state.ended and execution.state is not State.CREATED:
            running.add(id)
        return next(self._given(key, execution.history[-1].at), None) if freed else None

    def given(self, now: datetime) -> list[SlotGiven]:
        """An event for each that waits while there is a slot for it: after all live executions have been seen."""
        return [event for key in list(self._queued) for event in self._given(key, now)]

    def forget(self) -> None:
        """Begin anew; what is live has to be seen again."""
        self._running.clear()
        self._queued.clear()
        self._promised.clear()

    def _given(self, key: Key, now: datetime) -> Iterator[SlotGiven]:
        """Who comes next, as far as there are slots; each one's slot is its own from here on."""
        free = self._limits[key] - len(self._running[key])
        for id in list(self._queued[key])[: max(0, free)]:
            del self._queued[key][id]
            self._running[key].add(id)
            self._promised.add(id)
            yield SlotGiven(id=derived_id(id, "slot", now), execution_id=id, at=now)
