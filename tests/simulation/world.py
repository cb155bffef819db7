"""A small world: a store, some executors, some workers, a network, and a clock that is moved by hand."""

from __future__ import annotations

import random
from collections.abc import Coroutine
from datetime import timedelta
from typing import TypeVar

from kapell.adapters.memory.feed import MemoryFeed
from kapell.adapters.memory.store import MemoryStore
from kapell.clock import ManualClock
from kapell.engine import create
from kapell.expr import Env, render
from kapell.ids import derived_id
from kapell.model.flow import Flow
from kapell.model.messages import Event, KillAsked, RunTask, TaskFinished, TaskStarted
from kapell.model.state import State
from kapell.ports.flows import StoredFlow
from kapell.ports.queue import Claim
from kapell.ports.shards import Lease
from kapell.services.executor import Executor, ExecutorSettings
from kapell.services.flow_cache import FlowCache
from kapell.services.stepper import Surroundings
from simulation.faults import Faults, FaultyExecutions, FaultyQueue, Killed, Violation

T = TypeVar("T")
LEASE = timedelta(seconds=10)


class Blocked(Exception):
    """A coroutine waits for something that is not there."""


def at_once(work: Coroutine[object, None, T]) -> T:
    """The result of a coroutine that has nothing to wait for; no event loop, so no order but the seed's."""
    try:
        work.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    work.close()
    raise Blocked


class World:
    """Everything that a run of the simulation has; `turn` is one act of somebody, drawn by the seed."""

    def __init__(self, seed: int, sources: list[str], *, executors: int = 3, workers: int = 3) -> None:
        self.chance = random.Random(seed)
        self.faults = Faults(self.chance)
        self.clock = ManualClock()
        self.store = MemoryStore(shards=4)
        self.network: list[Event] = []
        self.claims: dict[str, list[Claim]] = {f"worker-{n}": [] for n in range(workers)}
        self.executors: dict[str, Executor] = {}
        self.flows = [self._save(source) for source in sources]
        self.failed_tasks = self.chance.random() < 0.5
        self.births = 0
        self.depth = 0
        self.paused: set[str] = set()
        for n in range(executors):
            self._start_executor(f"executor-{n}")

    # Starting things

    def start(self, count: int) -> list[str]:
        """Create executions, as an API would: a row and an event, nobody told."""
        ids = []
        for number in range(count):
            flow = self.chance.choice(self.flows)
            new = create(flow, id=derived_id("execution", number), now=self.clock.now(), render=self._render)
            ids += at_once(self.store.executions.create([new]))
        return ids

    def kill_one(self, ids: list[str]) -> None:
        id = self.chance.choice(ids)
        self.network.append(KillAsked(id=f"kill-{id}", execution_id=id, at=self.clock.now()))

    def _save(self, source: str) -> Flow:
        from kapell.source import load

        read = load(source)
        stored = StoredFlow(namespace=read.namespace, id=read.id, revision=0, source=source)
        return load(source, revision=at_once(self.store.flows.save(stored)).revision)

    def _start_executor(self, name: str) -> None:
        self.births += 1
        store = MemoryStore()
        store.executions = FaultyExecutions(self.store.executions, self.faults, self._meanwhile)
        store.queue = FaultyQueue(self.store.queue, self.faults, self._offered)
        store.shards, store.flows, store.logs = self.store.shards, self.store.flows, self.store.logs
        around = Surroundings(
            flows=FlowCache(self.store.flows),
            files=None,
            shared={},
            outside=_nothing_outside,
            env=Env(now=self.clock.now),
        )
        settings = ExecutorSettings(
            owner=f"{name}-{self.births}", lease_span=LEASE, most_shards=2, most_steps=3, alone=False
        )
        self.executors[name] = Executor(store, MemoryFeed(), self.clock, around, settings)

    def _render(self, value: object, variables: object, typed: bool) -> object:
        return render(value, variables, Env(now=self.clock.now), "typed" if typed else "text")

    # One act of somebody

    def turn(self) -> None:
        self.chance.choice([self._execute, self._execute, self._work, self._deliver, self._deliver, self._pass_time])()

    def _execute(self) -> None:
        name = self.chance.choice(sorted(self.executors))
        if name in self.paused:
            return
        executor = self.executors[name]
        executor.look()
        self.paused.add(name)
        try:
            at_once(executor.turn())
        except Killed:
            self._start_executor(name)
        finally:
            self.paused.discard(name)

    def _meanwhile(self) -> None:
        """A process is paused in the middle of its turn, for longer than its lease; the others go on."""
        if self.depth:
            return
        self.depth += 1
        self.clock.advance(LEASE * 2)
        for _ in range(30):
            self.turn()
        self.depth -= 1

    def _work(self) -> None:
        worker = self.chance.choice(sorted(self.claims))
        held = self.claims[worker]
        if held and self.faults.happens(0.05):
            held.clear()
            return
        try:
            most = self.chance.randint(1, 3)
            held += at_once(self.store.queue.claim(worker, "", most, self.clock.now(), timedelta(seconds=5)))
        except Blocked:
            pass
        at_once(self.store.queue.beat(worker, self.clock.now(), timedelta(seconds=5)))
        if held:
            self._run(worker, held.pop(self.chance.randrange(len(held))))

    def _run(self, worker: str, claim: Claim) -> None:
        job, now = claim.task.job, self.clock.now()
        base = {"execution_id": job.execution_id, "at": now, "task_run_id": job.task_run_id, "attempt": job.attempt}
        self.network.append(TaskStarted(id=f"{job.id}-started", worker_id=worker, **base))
        fails = self.outcome(job.task_id, job.attempt)
        state = State.FAILED if fails else State.SUCCESS
        outputs = {"value": f"{job.task_id}-{job.attempt}"}
        self.network.append(TaskFinished(id=f"{job.id}-finished", state=state, outputs=outputs, **base))
        if not self.faults.happens(0.1):
            at_once(self.store.queue.done(worker, [job.id]))

    def outcome(self, task_id: str, attempt: int) -> bool:
        """Whether an attempt fails: the same for the same task, so that what must come out is known."""
        return self.failed_tasks and (task_id.startswith("bad") or (task_id.startswith("flaky") and attempt == 0))

    def _deliver(self) -> None:
        if not self.network:
            return
        event = self.network.pop(self.chance.randrange(len(self.network)))
        if self.faults.happens(0.2):
            self.network.append(event)
        at_once(self.store.executions.send([event]))

    def _pass_time(self) -> None:
        self.clock.advance(timedelta(seconds=self.chance.choice([0.01, 0.5, 3.0])))

    # Checking as it goes

    def waiting_events(self) -> int:
        """How many events no commit has absorbed."""
        everything = Lease(owner="", epochs=dict.fromkeys(range(self.store.shards.count), 0))
        return len(at_once(self.store.executions.inbox(everything, 0, 1000)))

    def on_its_way(self, execution_id: str) -> bool:
        """Whether an event of an execution is in the network, or in the memory of an executor."""
        at_hand = any(executor.at_hand(execution_id) for executor in self.executors.values())
        return at_hand or any(event.execution_id == execution_id for event in self.network)

    def _offered(self, task: RunTask) -> None:
        """Durable before visible: a worker may hear only of attempts whose row is there."""
        runs = {run.id: run for run in at_once(self.store.executions.task_runs(task.job.execution_id))}
        run = runs.get(task.job.task_run_id)
        if run is None or run.attempt < task.job.attempt:
            raise Violation(f"job {task.job.id} was handed out before its task run was stored")


def _nothing_outside(read: object) -> object:
    raise AssertionError(f"nothing should be read here: {read}")
