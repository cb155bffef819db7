"""A small world: a store, some executors, some workers, a network, and a clock that is moved by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

from kapell.adapters.memory.feed import MemoryFeed
from kapell.adapters.memory.queue import MemoryQueue
from kapell.adapters.memory.store import MemoryStore
from kapell.clock import ManualClock
from kapell.engine import create
from kapell.engine.program import compiled
from kapell.expr import Env, render
from kapell.ids import derived_id
from kapell.model.execution import Execution
from kapell.model.flow import Flow
from kapell.model.messages import Event, Job, KillAsked, RunTask, TaskFinished
from kapell.model.read import Read
from kapell.model.task_run import TaskRun
from kapell.ports.executions import Search
from kapell.ports.flows import StoredFlow
from kapell.ports.shards import Lease
from kapell.services.executor import Executor, ExecutorSettings
from kapell.services.inline import run_inline
from kapell.services.scheduler.listeners import Listeners
from kapell.services.stepper import Surroundings
from simulation.faults import Faults, FaultyExecutions, FaultyQueue, Killed
from simulation.flows import FILES, KnownFlows, read
from simulation.instant import at_once
from simulation.witness import Witness
from simulation.workers import Worker

LEASE = timedelta(seconds=10)
LATE = 1.0
"""What an executor's watch shows when a turn has taken too long for more inline tasks."""


class World:
    """Everything that a run of the simulation has; `turn` is one act of somebody, drawn by the seed.

    With one shard there is one executor that owns all, and others that take over; with more they share them.
    """

    def __init__(
        self, seed: int, sources: Mapping[str, str], *, executors: int = 3, workers: int = 3, shards: int = 4
    ) -> None:
        self.chance = random.Random(seed)
        self.faults = Faults(self.chance)
        self.clock = ManualClock()
        self.store = MemoryStore(shards=shards)
        self.network: list[Event] = []
        self.executors: dict[str, Executor] = {}
        self.flows = {flow.id: flow for flow in map(self._save, sources.values())}
        self.witness = Witness(self.flows, count_slots=shards == 1)
        self.failed_tasks = self.chance.random() < 0.5
        self.births = 0
        self.depth = 0
        self.paused: set[str] = set()
        tell = self.network.append
        names = [f"worker-{n}" for n in range(workers)]
        self.workers = [
            Worker(name, self.store.queue, self.faults, tell, self.fails, self._run_inline) for name in names
        ]
        for n in range(executors):
            self._start_executor(f"executor-{n}")

    # Starting things

    def start(self, flow_ids: list[str]) -> list[str]:
        """Create an execution of each, as an API would: a row and an event, nobody told."""
        return [self.create(id, number) for number, id in enumerate(flow_ids)]

    def create(self, flow_id: str, number: int) -> str:
        """One of them."""
        id = derived_id("execution", number)
        new = create(self.flows[flow_id], id=id, now=self.clock.now(), render=self._render)
        at_once(self.store.executions.create([new]))
        return id

    def crash(self) -> None:
        """One process that did everything is gone, with all that it had in memory, and another one begins."""
        self.store.queue = MemoryQueue()
        for worker in self.workers:
            worker.begin_anew(self.store.queue)
        for name in self.executors:
            self._start_executor(name)
        self.clock.advance(LEASE * 2)

    def until(self, reached: Callable[[], bool], most: int = 5000) -> None:
        """Let things happen until something is so."""
        for _ in range(most):
            if reached():
                return
            self.turn()
        raise AssertionError(f"{most} turns did not lead there")

    def kill(self, id: str) -> None:
        """Ask for it, more than once perhaps."""
        self.network.append(KillAsked(id=f"kill-{id}", execution_id=id, at=self.clock.now()))

    def _save(self, source: str) -> Flow:
        given = read(source, 1)
        at_once(self.store.flows.save(StoredFlow(namespace=given.namespace, id=given.id, revision=0, source=source)))
        return given

    def _start_executor(self, name: str) -> None:
        self.births += 1
        store = MemoryStore()
        store.executions = FaultyExecutions(self.store.executions, self.faults, self._meanwhile, self.witness.saw)
        store.queue = FaultyQueue(self.store.queue, self.faults, self._offered)
        store.shards, store.flows, store.logs = self.store.shards, self.store.flows, self.store.logs
        around = Surroundings(
            flows=KnownFlows(self.store.flows),
            files=None,
            shared={},
            outside=self._outside,
            env=Env(now=self.clock.now),
            listeners=Listeners(),
        )
        for flow in self.flows.values():
            around.listeners.put(flow)
        settings = ExecutorSettings(
            owner=f"{name}-{self.births}", lease_span=LEASE, most_shards=2, most_steps=3, alone=False
        )
        self.executors[name] = Executor(store, MemoryFeed(), self.clock, around, settings)

    def _render(self, value: object, variables: object, typed: bool) -> object:
        return render(value, variables, Env(now=self.clock.now), "typed" if typed else "text")

    # One act of somebody

    def turn(self) -> None:
        self.chance.choice([self._execute, self._execute, self._work, self._deliver, self._deliver, self._pass_time])()

    def monotonic(self) -> float:
        """Time as a turn measures it: now and then it is up."""
        return LATE if self.faults.happens(0.05) else 0.0

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
        self.chance.choice(self.workers).turn(self.clock.now())

    def fails(self, job: Job) -> bool:
        """Whether an attempt fails: the same for the same task, so that what must come out is known."""
        if not self.failed_tasks:
            return False
        if job.task_id.startswith("fresh"):
            return self.row(job.execution_id).attempt_number == 1
        return job.task_id.startswith("bad") or (job.task_id.startswith("flaky") and job.attempt == 0)

    def _deliver(self) -> None:
        if not self.network:
            return
        event = self.network.pop(self.chance.randrange(len(self.network)))
        if self.faults.happens(0.2):
            self.network.append(event)
        at_once(self.store.executions.send([event]))

    def _pass_time(self) -> None:
        # In the end nobody loses a lease: what only a new owner would mend is to be seen.
        self.clock.advance(timedelta(seconds=self.chance.choice([0.01, 0.5, 0.01 if self.faults.healed else 3.0])))

    # Looking at it

    def row(self, id: str) -> Execution:
        """An execution that must be there."""
        found = at_once(self.store.executions.get(id))
        assert found is not None
        return found

    def rows(self) -> list[Execution]:
        """All executions, those of loops too."""
        return at_once(self.store.executions.search(Search(limit=10_000, loops=True)))

    def of(self, flow_id: str) -> list[Execution]:
        """The executions of a flow."""
        return at_once(self.store.executions.search(Search(flow_id=flow_id, limit=1000)))

    def runs(self, id: str) -> Mapping[str, TaskRun]:
        """The task runs of an execution by their tasks."""
        return {run.task_id: run for run in at_once(self.store.executions.task_runs(id))}

    def claims(self) -> Counter[str]:
        """How often each job was taken by a worker."""
        return Counter(id for worker in self.workers for id in worker.claimed)

    def is_over(self) -> bool:
        """Whether nothing is under way, not even behind an end."""
        jobs = any(self.store.executions._jobs.values())
        at_rest = not jobs and not self.network and not self.waiting_events()
        return at_rest and all(row.state.ended for row in self.rows())

    def waiting_events(self) -> int:
        """How many events no commit has absorbed."""
        everything = Lease(owner="", epochs=dict.fromkeys(range(self.store.shards.count), 0))
        return len(at_once(self.store.executions.inbox(everything, 0, 1000)))

    def on_its_way(self, execution_id: str) -> bool:
        """Whether an event of an execution is in the network, or in the memory of an executor."""
        at_hand = any(executor.at_hand(execution_id) for executor in self.executors.values())
        return at_hand or any(event.execution_id == execution_id for event in self.network)

    def _offered(self, task: RunTask) -> None:
        job = task.job
        runs = {run.id: run for run in at_once(self.store.executions.task_runs(job.execution_id))}
        self.witness.offered(runs.get(job.task_run_id), job)

    def _outside(self, asked: Read) -> object:
        if asked.kind == "output":
            return at_once(self.store.executions.outputs([asked.name])).get(asked.name, {})
        assert asked.kind == "file", f"nothing should be read here: {asked}"
        return FILES[asked.name]

    def _run_inline(self, task: RunTask) -> TaskFinished | None:
        """What a worker does with an inline task that wanted to read something; None for any other."""
        node = compiled(self.flows[task.job.flow_id]).nodes[task.job.task_id]
        if not node.inline:
            return None
        env = Env(now=self.clock.now, reader=self._outside)
        return run_inline(task, node.task, env=env, files=None, clock=self.clock)
