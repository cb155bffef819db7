"""A store, an executor and a clock moved by hand: flows that listen, and executions for them to hear of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from kapell.adapters.memory.feed import MemoryFeed
from kapell.adapters.memory.store import MemoryStore
from kapell.clock import ManualClock
from kapell.engine import create
from kapell.expr import Env, render
from kapell.ids import new_id
from kapell.model.execution import Execution
from kapell.model.flow import Flow
from kapell.model.read import Read
from kapell.ports.executions import Search
from kapell.ports.flows import StoredFlow
from kapell.services.executor import Executor
from kapell.services.flow_cache import FlowCache
from kapell.services.scheduler.listeners import Listeners
from kapell.services.stepper import Surroundings
from kapell.source import load
from simulation.world import at_once

SAY = "tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: x}]"
FAIL = "tasks: [{id: ko, type: io.kestra.plugin.core.execution.Fail}]"


def source(id: str, more: str = "", tasks: str = SAY) -> str:
    """A flow of namespace `n`."""
    return f"id: {id}\nnamespace: n\n{more}\n{tasks}\n"


def listener(id: str, trigger: str, more: str = "", tasks: str = SAY) -> str:
    """A flow with one Flow trigger, written in braces without these."""
    return source(id, f"triggers: [{{id: up, type: io.kestra.plugin.core.trigger.Flow, {trigger}}}]\n{more}", tasks)


def after(*ids: str) -> str:
    """Dependencies on these flows."""
    return "dependsOn: [" + ", ".join(f"{{namespace: n, flowId: {id}}}" for id in ids) + "]"


class Scene:
    """Each execution that is run takes a second; `restart` is a process that begins anew."""

    def __init__(self, *sources: str) -> None:
        self.clock = ManualClock()
        self.store = MemoryStore()
        self.flows: dict[str, Flow] = {}
        self.restart()
        for text in sources:
            self.save(text)

    def restart(self) -> None:
        self.listeners = Listeners()
        at_once(self.listeners.load(self.store.flows))
        around = Surroundings(
            flows=FlowCache(self.store.flows),
            files=None,
            shared={},
            outside=_outside,
            env=Env(now=self.clock.now),
            listeners=self.listeners,
        )
        self.executor = Executor(self.store, MemoryFeed(), self.clock, around)

    def save(self, text: str) -> None:
        read = load(text)
        stored = StoredFlow(
            namespace=read.namespace, id=read.id, revision=0, source=text, disabled=read.disabled, draft=read.draft
        )
        flow = load(text, revision=at_once(self.store.flows.save(stored)).revision)
        self.flows[read.id] = flow
        self.listeners.put(flow)

    def insert(self, flow_id: str, **labels: str) -> Execution:
        """Create an execution, and do nothing yet."""
        flow, now = self.flows[flow_id], self.clock.now()
        new = create(flow, id=new_id(now), now=now, render=self._render, labels=labels)
        at_once(self.store.executions.create([new]))
        self.executor.look()
        return new.execution

    def run(self, flow_id: str, **labels: str) -> Execution:
        """Run an execution, and all that it leads to."""
        new = self.insert(flow_id, **labels)
        self.work()
        self.clock.advance(timedelta(seconds=1))
        found = at_once(self.store.executions.get(new.id))
        assert found is not None
        return found

    def work(self) -> None:
        while at_once(self.executor.turn()):
            pass

    async def work_and_read(self) -> None:
        """The same with a loop, for what has to be read from outside."""
        while await self.executor.turn():
            pass

    def of(self, flow_id: str) -> list[Execution]:
        """The executions of a flow, the first one first."""
        found = at_once(self.store.executions.search(Search(flow_id=flow_id, limit=1000)))
        return list(reversed(found))

    def counts(self, *flow_ids: str) -> list[int]:
        return [len(self.of(id)) for id in flow_ids]

    def said(self, execution: Execution) -> list[str]:
        return [f"{line.level} {line.message}" for line in at_once(self.store.logs.read(execution.id))]

    def _render(self, value: object, variables: Mapping[str, object], typed: bool) -> object:
        return render(value, variables, Env(now=self.clock.now), "typed" if typed else "text")


def variables(execution: Execution) -> Mapping[str, object]:
    """`{{ trigger }}` of an execution."""
    assert execution.trigger is not None
    return execution.trigger.variables


def _outside(read: Read) -> object:
    return f"{read.name} of {read.scope}"
