"""One turn's stepping: each event through the engine, reads answered, inline tasks run; only the commit is missing."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

from msgspec.structs import replace

from kapell.clock import Clock
from kapell.engine import Render, Tree, read_first, step, variables
from kapell.engine.program import compiled
from kapell.errors import KapellError, LeaseLost, StoreError
from kapell.expr import Env, render
from kapell.model.execution import Execution
from kapell.model.flow import Flow, Task
from kapell.model.messages import Event, Job, Poisoned, RunTask, SlotGiven, Step
from kapell.model.read import NeedsRead, Read, Reader, ReadFailed, from_answers
from kapell.model.state import State
from kapell.ports.files import Files
from kapell.ports.shards import Lease, shard_of
from kapell.ports.store import Store
from kapell.services.flow_cache import FlowCache
from kapell.services.inline import run_inline
from kapell.services.live import Live
from kapell.services.offers import hand_out_again, never_begun
from kapell.services.outlook import Outlook
from kapell.services.parking import SLOW, Answers, Parked, Parking, Slow
from kapell.services.scheduler.listeners import Listeners
from kapell.services.scope import Lookup, Scope, guarded, nobody
from kapell.services.slots import Slots

LOGGER = logging.getLogger(__name__)
INLINE_EVENTS = 200
INLINE_SECONDS = 0.005
BREATH = 256
TURN_SECONDS = 0.1
"""For how long a turn follows what executions tell one another: others wait for its commit."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What executor and worker share: the flows, internal storage, what all expressions see, and who reads for them."""

    flows: FlowCache
    files: Files
    shared: Mapping[str, object]
    outside: Reader
    env: Env
    look_up: Lookup = nobody
    listeners: Listeners = field(default_factory=Listeners)


class Hearing(Protocol):
    """Who listens to executions."""

    async def hear(self, tree: Tree, before: Execution, made: Step) -> Step:
        """The step, with what the states start that it has led its execution to; `tree` has absorbed it already."""
        ...


@dataclass(slots=True)
class Batch:
    """What a turn has come to: `work` is for workers, `later` are inline jobs put off to the next turn.

    `sent` are events between executions that were not stepped in this turn; the commit puts them into inboxes.
    """

    steps: list[Step] = field(default_factory=list)
    work: list[RunTask] = field(default_factory=list)
    later: list[RunTask] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    sent: deque[Event] = field(default_factory=deque)


class Stepper:
    """Steps events over the live trees. What it makes is provisional until the caller has committed it.

    What belongs to no shard of `lease` is left to its owner.
    """

    def __init__(
        self,
        store: Store,
        live: Live,
        clock: Clock,
        around: Surroundings,
        hearing: Hearing,
        most_steps: int = 5000,
    ) -> None:
        self.lease: Lease | None = None
        self._hearing = hearing
        self._most_steps = most_steps
        self._store = store
        self._live = live
        self._clock = clock
        self._around = around
        self._outlook = Outlook(around.env, clock)
        self.slots = Slots()
        self.parking = Parking()

    async def step(self, events: Sequence[Event], inline: Sequence[RunTask], parked: Sequence[Parked] = ()) -> Batch:
        """Step all events in their order, after what was `parked` and the inline jobs that were put off."""
        batch, deadline = Batch(), monotonic() + TURN_SECONDS
        for one in parked:
            await self._go_on(one, batch)
        for item in (*inline, *events):
            await self._take(item, batch)
        while batch.sent and len(batch.steps) < self._most_steps and monotonic() < deadline:
            # What executions of one tree tell one another needs no commit in between.
            await self._take(batch.sent.popleft(), batch)
            if len(batch.steps) % BREATH == 0:
                # Others on this loop, who create executions, are not to wait for a long chain.
                await asyncio.sleep(0)
        return batch

    async def _take(self, item: Event | RunTask, batch: Batch) -> None:
        """Step one thing; where that is not possible at all its execution is poisoned, and the others go on."""
        if isinstance(item, SlotGiven) and not self.slots.has_promised(item.execution_id):
            # It was given by an owner of before, who has lost what it knew of the others.
            return
        execution_id = item.job.execution_id if isinstance(item, RunTask) else item.execution_id
        if not self.parking.holds(item, execution_id):
            await self._try(execution_id, item, deque([item]), batch, {})

    async def _go_on(self, parked: Parked, batch: Batch) -> None:
        """Step what has waited for an answer, and what has waited behind it."""
        await self._try(parked.execution_id, parked.items[0], parked.items, batch, parked.answers)

    async def _try(
        self, execution_id: str, item: Event | RunTask, queue: deque[Event | RunTask], batch: Batch, answers: Answers
    ) -> None:
        tree = await self._tree(execution_id)
        if tree is None:
            return
        try:
            await self._drain(tree, queue, batch, answers)
        except (StoreError, LeaseLost):
            raise
        except Exception as error:
            LOGGER.exception("action=step-failed execution=%s", execution_id)
            if not isinstance(item, Poisoned):
                id = f"{item.job.id}-poison" if isinstance(item, RunTask) else item.id
                batch.sent.append(self._poison(id, execution_id, error))

    async def resume(self, tree: Tree, jobs: Sequence[Job], later: list[RunTask]) -> Sequence[Event]:
        """Offer again what was handed out before a crash: inline jobs to this executor, others to workers.

        What was being stopped is not begun again; the events are the ends of that which nobody works on any more.
        One that can't be taken up at all, as its flow is not understood any more, is poisoned, and the others go on.
        """
        try:
            return await self._resumed(tree, jobs, later)
        except (StoreError, LeaseLost):
            raise
        except Exception as error:
            id = tree.execution.id
            LOGGER.exception("action=resume-failed execution=%s", id)
            return [self._poison(f"{id}-{tree.execution.version}-poison", id, error)]

    async def _resumed(self, tree: Tree, jobs: Sequence[Job], later: list[RunTask]) -> Sequence[Event]:
        flow = await self._around.flows.of(tree.execution)
        self.slots.see(tree.execution, flow)
        if tree.execution.loop_run is not None and tree.outer is None:
            tree.outer = await self._tree(tree.execution.loop_run.parent_id)
        stopping = [job for job in jobs if tree.runs[job.task_run_id].state is State.KILLING]
        runs = [self._order(tree, flow, job, self._reader(job)) for job in jobs if job not in stopping]
        later.extend(run for run in runs if run.job.inline)
        outside = [run for run in runs if not run.job.inline]
        return await hand_out_again(self._store.queue, outside, stopping, self._clock.now())

    def _poison(self, id: str, execution_id: str, error: Exception) -> Poisoned:
        message = f"This execution can't go on: {type(error).__name__}: {error}"
        return Poisoned(id=id, execution_id=execution_id, at=self._clock.now(), error=message)

    async def _tree(self, execution_id: str) -> Tree | None:
        tree = self._live.get(execution_id)
        if tree is None and (loaded := await self._live.load(execution_id)) is not None:
            tree = loaded[0]
            if tree.execution.loop_run is not None:
                tree.outer = await self._tree(tree.execution.loop_run.parent_id)
        return tree

    async def _drain(self, tree: Tree, queue: deque[Event | RunTask], batch: Batch, answers: Answers) -> None:
        """Step events and run inline jobs of one execution until neither is left, or its share of the turn is spent.

        `answers` are what the first event has asked before.
        """
        flow = self._around.flows.known(tree.execution) or await self._flow_of(tree, queue[0])
        deadline, left = monotonic() + INLINE_SECONDS, INLINE_EVENTS
        while queue:
            item = queue.popleft()
            if isinstance(item, RunTask):
                if left <= 0 or monotonic() > deadline:
                    batch.later.append(item)
                    continue
                if not _is_awaited(tree, item.job):
                    continue
                left -= 1
                stopping = tree.runs[item.job.task_run_id].state is State.KILLING
                finished = never_begun(item.job, self._clock.now()) if stopping else self._run_inline(item, flow)
                if finished is None:
                    batch.work.append(self._order(tree, flow, item.job, self._around.outside))
                    continue
                item = finished
            before = tree.execution
            try:
                made = await self._answer(tree, item, flow, answers)
            except Slow as slow:
                reading = self._read_slowly(tree, slow.read, slow.answers)
                self.parking.park(tree.execution.id, deque([item, *queue]), slow.answers, reading)
                self._live.put(tree)
                return
            answers = {}
            tree.absorb(made)
            if self._around.listeners and made.execution.history is not before.history:
                made = await self._hearing.hear(tree, before, made)
            batch.steps.append(made)
            self._spread(tree, made, batch)
            if flow.concurrency is not None and (given := self.slots.see(made.execution, flow)) is not None:
                batch.sent.append(given)
            for job in made.jobs:
                run = self._order(tree, flow, job, self._reader(job))
                (queue.append if job.inline else batch.work.append)(run)
        if tree.execution.state.ended and not _busy(tree):
            batch.ended.append(tree.execution.id)
        self._live.put(tree)

    async def _flow_of(self, tree: Tree, item: Event | RunTask) -> Flow:
        """Its flow; where that is gone, or not understood any more, enough of one for the execution to fail."""
        one = tree.execution
        try:
            return await self._around.flows.of(one)
        except StoreError:
            raise
        except KapellError:
            if not isinstance(item, Poisoned):
                raise
            tasks = tuple(Task(id=id, type="") for id in tree.by_task)
            return Flow(one.flow_id, one.namespace, "", tasks, tenant=one.tenant, revision=one.revision)

    def _spread(self, tree: Tree, made: Step, batch: Batch) -> None:
        """Make ready what a step has started, and note what it tells others."""
        for child in made.children:
            if self.lease and shard_of(child.execution.root_id, self._store.shards.count) not in self.lease.epochs:
                continue
            started = Tree(child.execution)
            started.outer = tree if child.execution.loop_run else None
            self._live.put(started)
            batch.sent.append(child.event)
        batch.sent.extend(made.sent)

    async def _answer(self, tree: Tree, event: Event, flow: Flow, answers: Answers) -> Step:
        """The engine's Step for an event; what it asks to read is read, and what makes it raise twice is poison.

        Raises `Slow` where that would take too long.
        """
        raised = 0
        while True:
            try:
                rendered, reader = self._render(event, flow, answers), from_answers(answers)
                made = step(tree, event, flow, now=self._clock.now(), render=rendered, read=reader)
                return replace(made, reads=recorded(answers)) if answers else made
            except NeedsRead as needed:
                if needed.read.kind in SLOW:
                    raise Slow(needed.read, answers) from None
                await self._read(tree, needed.read, answers)
            except Exception as error:
                raised += 1
                if raised == 2:
                    message = f"The engine could not handle {type(event).__name__}: {type(error).__name__}: {error}"
                    event = Poisoned(id=event.id, execution_id=event.execution_id, at=event.at, error=message)

    async def _read(self, tree: Tree, read: Read, answers: Answers) -> None:
        if read.kind == "output":
            found = await self._store.executions.outputs([read.name])
            at: Tree | None = tree
            while at is not None:
                at.remember(read.name, found)
                at = at.outer
            return
        if read.kind == "slots":
            answers[read] = self.slots.taken(tree.execution.tenant, read.scope, read.name)
            return
        if read.kind == "flow":
            answers[read] = await self._flow(tree.execution.tenant, read)
            return
        try:
            one = tree.execution
            # It may have been created in this very turn, so that the store does not know it yet.
            known = {one.id: one}
            scope = Scope(one.namespace, one.flow_id, one.id, lambda id: known.get(id) or self._around.look_up(id))
            answers[read] = await asyncio.to_thread(guarded(self._around.outside, scope), read)
        except KapellError as error:
            answers[read] = ReadFailed(str(error))

    async def _read_slowly(self, tree: Tree, read: Read, answers: Answers) -> None:
        """The same for what is parked: whatever goes wrong is the answer, so that nobody waits for ever."""
        try:
            await self._read(tree, read, answers)
        except Exception as error:
            LOGGER.exception("action=read-failed execution=%s read=%s", tree.execution.id, read.kind)
            answers[read] = ReadFailed(f"{type(error).__name__}: {error}")

    async def _flow(self, tenant: str, read: Read) -> Flow | None:
        revision = dict(read.options).get("revision")
        try:
            return await self._around.flows.get(tenant, read.scope, read.name, int(revision) if revision else None)
        except KapellError:
            return None

    def _render(self, event: Event, flow: Flow, answers: Answers) -> Render:
        env = self._outlook.env(flow.namespace, event.id, answers)
        shared = self._around.shared

        def rendered(value: object, seen: Mapping[str, object], typed: bool) -> object:
            return render(value, {**seen, **shared}, env, "typed" if typed else "text")

        return rendered

    def _reader(self, job: Job) -> Reader:
        """An inline task must not wait: what it wants to read sends it to a worker, who may."""
        return read_first if job.inline else self._around.outside

    def _order(self, tree: Tree, flow: Flow, job: Job, read: Reader) -> RunTask:
        seen = variables(tree, compiled(flow), tree.runs[job.task_run_id], read)
        return RunTask(job=job, variables={**self._around.shared, **seen})

    def _run_inline(self, run: RunTask, flow: Flow) -> Event | None:
        task = compiled(flow).nodes[run.job.task_id].task
        env = self._outlook.env(flow.namespace, run.job.id, {}, task=True)
        return run_inline(run, task, env=env, files=self._around.files, clock=self._clock)


def recorded(answers: Answers) -> tuple[tuple[Read, object], ...]:
    """What the journal keeps of reads: of a secret that it was read, nothing of what is kept elsewhere anyway."""
    kept = [(read, answer) for read, answer in answers.items() if read.kind not in ("flow", "slots", "spilled")]
    return tuple((read, None if read.kind == "secret" else answer) for read, answer in kept)


def _is_awaited(tree: Tree, job: Job) -> bool:
    """Whether an attempt's end is not recorded yet: a worker may have told it while the job was put off."""
    run = tree.runs.get(job.task_run_id)
    return run is not None and run.attempt == job.attempt and not run.state.ended


def _busy(tree: Tree) -> bool:
    return any(tally.running for tally in tree.tallies.values())
