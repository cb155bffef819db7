"""The triggers that listen to executions, of all flows: an index in memory, made from the stored flows at the start."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kapell.errors import KapellError
from kapell.model.execution import MAIN, Execution
from kapell.model.flow import Flow
from kapell.model.state import State
from kapell.model.window import Window
from kapell.ports.flows import Flows, StoredFlow
from kapell.sdk.listening import Gate, ListeningTrigger
from kapell.sdk.prop import unrendered
from kapell.sdk.registry import find
from kapell.source import load

LOGGER = logging.getLogger(__name__)
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Listener:
    """A trigger of a flow, ready to be asked; `definition` is the same as long as the trigger stays as it is."""

    flow: Flow
    id: str
    type: str
    trigger: ListeningTrigger
    gates: Mapping[str, Gate]
    states: frozenset[State]
    definition: str

    def window(self, gate: str) -> Window:
        """The window of one of its gates before anything has come."""
        flow = self.flow
        return Window(
            tenant=flow.tenant,
            namespace=flow.namespace,
            flow_id=flow.id,
            trigger_id=self.id,
            gate=gate,
            definition=self.definition,
        )

    def may_hear(self, execution: Execution) -> bool:
        """Whether it listens to that flow at all. Kestra: to its own one only where it names it."""
        flow = self.flow
        if flow.tenant != execution.tenant:
            return False
        own = (flow.namespace, flow.id) == (execution.namespace, execution.flow_id)
        return not own or self.trigger.names(flow.namespace, flow.id)


class Listeners:
    """Those of the latest revisions that are neither drafts nor disabled."""

    def __init__(self) -> None:
        self._flows: dict[Key, tuple[Listener, ...]] = {}
        self._by_flow_id: dict[str, list[Listener]] = {}
        self._of_any: list[Listener] = []

    def __bool__(self) -> bool:
        return bool(self._flows)

    async def load(self, flows: Flows, tenant: str = MAIN) -> None:
        """Take up what is stored."""
        for latest in await flows.list(tenant):
            stored = await flows.get(tenant, latest.namespace, latest.id) if latest.draft else latest
            if stored is not None and (flow := _read(stored)) is not None:
                self._set(flow)
        self._index()

    def put(self, flow: Flow) -> None:
        """A flow was saved: its triggers are those of this revision, unless it is a draft."""
        if not flow.draft and self._set(flow):
            self._index()

    def forget(self, tenant: str, namespace: str, id: str) -> None:
        """A flow was deleted."""
        if self._flows.pop((tenant, namespace, id), None) is not None:
            self._index()

    def of(self, execution: Execution) -> list[Listener]:
        """Those that may have to do with an execution, in the order of their flows."""
        found = (*self._by_flow_id.get(execution.flow_id, ()), *self._of_any)
        heard = [listener for listener in found if listener.may_hear(execution)]
        return sorted(heard, key=lambda listener: (listener.flow.namespace, listener.flow.id))

    def _set(self, flow: Flow) -> bool:
        """Whether this flow has, or had, any."""
        key = (flow.tenant, flow.namespace, flow.id)
        had = self._flows.pop(key, None) is not None
        if found := tuple(_listeners(flow)):
            self._flows[key] = found
        return had or bool(found)

    def _index(self) -> None:
        by_flow_id: defaultdict[str, list[Listener]] = defaultdict(list)
        self._of_any = []
        for listener in (one for listeners in self._flows.values() for one in listeners):
            ids = listener.trigger.flow_ids()
            for place in [self._of_any] if ids is None else [by_flow_id[id] for id in ids]:
                place.append(listener)
        self._by_flow_id = dict(by_flow_id)


def _listeners(flow: Flow) -> Iterator[Listener]:
    for trigger in () if flow.disabled else flow.triggers:
        if trigger.disabled:
            continue
        try:
            found = find(trigger.type)
            if issubclass(found, ListeningTrigger):
                bound = found.bind(trigger.properties, unrendered)
                written = json.dumps([trigger.type, trigger.properties], sort_keys=True, default=str)
                definition = hashlib.blake2b(written.encode(), digest_size=8).hexdigest()
                yield Listener(flow, trigger.id, trigger.type, bound, bound.gates(), bound.heard_states(), definition)
        except KapellError as error:
            where = f"flow={flow.namespace}.{flow.id} trigger={trigger.id}"
            LOGGER.warning("action=trigger-unusable %s error=%s", where, error)


def _read(stored: StoredFlow) -> Flow | None:
    """A stored flow, where it may have such a trigger: reading all would make a start slow."""
    if stored.disabled or "triggers" not in stored.source:
        return None
    try:
        return load(stored.source, tenant=stored.tenant, revision=stored.revision)
    except KapellError as error:
        LOGGER.warning("action=flow-unreadable flow=%s.%s error=%s", stored.namespace, stored.id, error)
        return None
