"""Faults put into the product on purpose: a simulation that does not notice one is worth nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

from msgspec.structs import replace

import kapell.adapters.changes as changes
import kapell.adapters.memory.executions as memory_executions
import kapell.engine.finish as finish
from kapell.adapters.memory.executions import MemoryExecutions
from kapell.adapters.memory.queue import MemoryQueue
from kapell.adapters.memory.shards import MemoryShards
from kapell.engine.finish import running, task_finished
from kapell.model.state import State
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

    async def early(self: Stepper, events: object, inline: object) -> object:
        batch = await honest(self, events, inline)
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
    async def nothing(*_: object) -> None:
        return None

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

    async def forgetful(self: Stepper, events: object, inline: object) -> object:
        batch = await honest(self, events, inline)
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
    )
}
