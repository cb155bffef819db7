"""Faults put into the product on purpose: a simulation that does not notice one is worth nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

from msgspec.structs import replace

import kapell.adapters.changes as changes
import kapell.adapters.memory.executions as memory_executions
import kapell.engine.advance as advance
import kapell.engine.finish as finish
import kapell.services.executor as executor
from kapell.adapters.memory.executions import MemoryExecutions
from kapell.adapters.memory.queue import MemoryQueue
from kapell.adapters.memory.shards import MemoryShards
from kapell.engine import Tree
from kapell.engine.finish import running, task_finished
from kapell.model.execution import Execution
from kapell.model.flow import Flow
from kapell.model.messages import Event, Job, RunTask, SlotGiven, Step
from kapell.model.state import State
from kapell.model.window import Window
from kapell.ports.queue import Queue
from kapell.services.executor import Executor
from kapell.services.slots import Slots
from kapell.services.stepper import Stepper

engine_step = import_module("kapell.engine.step")


@contextmanager
def swapped(owner: object, name: str, new: object) -> Iterator[None]:
    old = getattr(owner, name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, old)


def jobs_are_offered_before_the_commit() -> object:
    honest = Stepper.step

    async def early(self: Stepper, *given: object) -> object:
        batch = await honest(self, *given)
        await self._store.queue.offer(batch.work)
        return batch

    return swapped(Stepper, "step", early)


def no_epoch_check() -> object:
    return swapped(memory_executions, "check_lease", lambda *_: None)


def events_go_when_they_are_read() -> object:
    honest = MemoryExecutions.inbox

    async def popping(self: MemoryExecutions, lease: object, after: int, limit: int) -> object:
        received = await honest(self, lease, after, limit)
        for one in received:
            self._inbox.absorb([one.event.id])
        return received

    return swapped(MemoryExecutions, "inbox", popping)


def jobs_are_not_offered_again() -> object:
    async def nothing(*_: object) -> Sequence[Event]:
        return ()

    return swapped(Stepper, "resume", nothing)


def a_dead_workers_jobs_stay_with_it() -> object:
    return swapped(MemoryQueue, "_hear", lambda self, now: None)


def any_attempts_end_counts() -> object:
    def careless(draft: object, event: object) -> bool:
        run = draft.run(event.task_run_id)
        return task_finished(draft, replace(event, attempt=run.attempt) if run else event)

    return swapped(engine_step, "task_finished", careless)


def timers_are_kept_in_memory_only() -> object:
    async def none(*_: object) -> list[object]:
        return []

    return swapped(MemoryExecutions, "timers", none)


def a_late_start_counts() -> object:
    def careless(draft: object, event: object) -> bool:
        run = draft.run(event.task_run_id)
        if run is None or run.state in (State.CREATED, State.RETRYING, State.KILLING, State.RUNNING):
            return False
        running(draft, run, event.at, event.worker_id)
        return True

    return swapped(engine_step, "task_started", careless)


def a_result_told_twice_counts_twice() -> object:
    return swapped(finish, "_awaited", lambda run: True)


def what_changes_nothing_is_not_absorbed() -> object:
    honest = Stepper.step

    async def forgetful(self: Stepper, *given: object) -> object:
        batch = await honest(self, *given)
        batch.steps = [made for made in batch.steps if made.changed]
        return batch

    return swapped(Stepper, "step", forgetful)


def shards_stay_with_the_dead() -> object:
    honest = MemoryShards.acquire

    async def stingy(self: MemoryShards, owner: str, now: object, span: object, most: int) -> object:
        return await honest(self, owner, now, span * 1000, most)

    return swapped(MemoryShards, "acquire", stingy)


@contextmanager
def versions_are_not_checked_and_lost_trees_are_kept() -> Iterator[None]:
    def keep(self: Executor) -> None:
        self._lease = None
        self._inbox_at = self._clock.now()

    with swapped(changes, "_check_version", lambda *_: None), swapped(Executor, "_lose", keep):
        yield


def what_executions_tell_one_another_is_not_stored() -> object:
    return swapped(changes, "_send", lambda *_: None)


def who_waits_for_a_slot_is_forgotten() -> object:
    return swapped(Slots, "given", lambda self, now: [])


def an_ended_one_keeps_its_slot() -> object:
    honest = Slots.see

    def stingy(self: Slots, execution: Execution, flow: Flow) -> object:
        return None if execution.state.ended else honest(self, execution, flow)

    return swapped(Slots, "see", stingy)


@contextmanager
def a_slot_that_was_given_can_be_taken_by_others() -> Iterator[None]:
    honest = Slots._given

    def generous(self: Slots, key: object, now: object) -> Iterator[SlotGiven]:
        for event in honest(self, key, now):
            self._running[key].discard(event.execution_id)
            yield event

    with swapped(Slots, "_given", generous):
        yield


def what_was_to_be_done_behind_an_end_is_forgotten() -> object:
    async def none(*_: object) -> list[str]:
        return []

    return swapped(MemoryExecutions, "trailing", none)


def a_job_of_a_killed_execution_is_handed_out_again() -> object:
    async def careless(self: Stepper, tree: Tree, jobs: Sequence[Job], later: list[RunTask]) -> Sequence[Event]:
        flow = await self._around.flows.of(tree.execution)
        self.slots.see(tree.execution, flow)
        runs = [self._order(tree, flow, job, self._reader(job)) for job in jobs]
        later.extend(run for run in runs if run.job.inline)
        await self._store.queue.offer([run for run in runs if not run.job.inline])
        return ()

    return swapped(Stepper, "resume", careless)


def a_finished_job_stays() -> object:
    honest = changes._rows

    def forgetful(gathered: object, step: Step, shard: int) -> None:
        honest(gathered, replace(step, done_jobs=()), shard)

    return swapped(changes, "_rows", forgetful)


def a_job_that_was_dropped_is_handed_out() -> object:
    async def careless(queue: Queue, work: Sequence[RunTask], steps: Sequence[Step], now: object) -> list[Event]:
        await queue.offer(work)
        await queue.cancel([cancel for step in steps for cancel in step.cancels])
        return []

    return swapped(executor, "hand_out", careless)


def a_killed_execution_runs_on() -> object:
    return swapped(advance, "_stopping", lambda draft, parent: False)


def the_journal_forgets_what_was_removed() -> object:
    honest = changes.journal_row
    return swapped(changes, "journal_row", lambda step: honest(replace(step, removed_runs=())))


def windows_are_written_whatever_others_have_seen() -> object:
    def careless(gathered: object, windows: Sequence[Window], seen: object) -> None:
        gathered.windows |= {window.key: window for window in windows}

    return swapped(changes, "_windows", careless)


MUTANTS: dict[str, Callable[[], object]] = {
    mutant.__name__: mutant
    for mutant in (
        jobs_are_offered_before_the_commit,
        no_epoch_check,
        events_go_when_they_are_read,
        jobs_are_not_offered_again,
        a_dead_workers_jobs_stay_with_it,
        any_attempts_end_counts,
        timers_are_kept_in_memory_only,
        a_late_start_counts,
        a_result_told_twice_counts_twice,
        what_changes_nothing_is_not_absorbed,
        shards_stay_with_the_dead,
        versions_are_not_checked_and_lost_trees_are_kept,
        what_executions_tell_one_another_is_not_stored,
        who_waits_for_a_slot_is_forgotten,
        an_ended_one_keeps_its_slot,
        a_slot_that_was_given_can_be_taken_by_others,
        what_was_to_be_done_behind_an_end_is_forgotten,
        a_job_of_a_killed_execution_is_handed_out_again,
        a_finished_job_stays,
        a_job_that_was_dropped_is_handed_out,
        a_killed_execution_runs_on,
        the_journal_forgets_what_was_removed,
    )
}
