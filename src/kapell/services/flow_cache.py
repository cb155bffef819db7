"""Flows by revision, read from their text once and kept."""

from __future__ import annotations

from collections import OrderedDict

from kapell.errors import NotFound
from kapell.model.execution import Execution
from kapell.model.flow import Flow
from kapell.model.messages import Job
from kapell.ports.flows import Flows, StoredFlow
from kapell.source import load

Key = tuple[str, str, str, int]


class FlowCache:
    """The flows that executions need now; a revision never changes, so nothing here grows old."""

    def __init__(self, flows: Flows, most: int = 1000) -> None:
        self._flows = flows
        self._most = most
        self._known: OrderedDict[Key, Flow] = OrderedDict()

    def known(self, execution: Execution | Job) -> Flow | None:
        """The flow of an execution, if it has been read already."""
        return self._known.get(_key(execution))

    async def of(self, execution: Execution | Job) -> Flow:
        """The flow of an execution; raises `NotFound`."""
        return await self.get(*_key(execution))

    async def get(self, tenant: str, namespace: str, id: str, revision: int | None = None) -> Flow:
        """A revision of a flow, or the latest; raises `NotFound`, `InvalidFlow` where its text is not understood."""
        if revision is not None and (flow := self._known.get((tenant, namespace, id, revision))) is not None:
            self._known.move_to_end((tenant, namespace, id, revision))
            return flow
        stored = await self._flows.get(tenant, namespace, id, revision)
        if stored is None:
            suffix = "" if revision is None else f" with revision '{revision}'"
            raise NotFound(f"Unable to find flow '{namespace}'.'{id}'{suffix}")
        return self.read(stored)

    def read(self, stored: StoredFlow) -> Flow:
        """The flow that a stored revision says."""
        key = (stored.tenant, stored.namespace, stored.id, stored.revision)
        if key not in self._known:
            self._known[key] = load(stored.source, tenant=stored.tenant, revision=stored.revision)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return self._known[key]


def _key(execution: Execution | Job) -> Key:
    return execution.tenant, execution.namespace, execution.flow_id, execution.revision
