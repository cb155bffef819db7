"""The watchdog: what is stuck for two rounds is counted and told once; what goes on is not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine

import pytest

from factories import MINUTE, NOW, created, execution, idle, job, run_task, step, stored_flow, task_run
from kapell.adapters.memory.store import MemoryStore
from kapell.clock import ManualClock
from kapell.errors import NotFound
from kapell.model.execution import Execution
from kapell.model.messages import Event
from kapell.model.state import State
from kapell.ports.shards import Lease
from kapell.services.explainer import Explainer
from kapell.services.flow_cache import FlowCache
from kapell.services.watchdog import MOST, Watchdog

LIMITED = "id: hello\nnamespace: company.team\nconcurrency: {limit: 1}\n" + (
    "tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: hi}]\n"
)


class Owner:
    """An executor, as far as the watchdog sees it."""

    def __init__(self) -> None:
        self.lease: Lease | None = None
        self.events: list[Event] = []

    def at_hand(self, execution_id: str) -> list[Event]:
        return [event for event in self.events if event.execution_id == execution_id]


class Yard:
    """A store with an owner and a watchdog."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.owner = Owner()
        explainer = Explainer(self.store, FlowCache(self.store.flows), ManualClock(NOW), self.owner.at_hand)
        self.explainer = explainer
        self.watchdog = Watchdog(self.store.executions, explainer, self.owner)

    async def take(self) -> None:
        self.owner.lease = await self.store.shards.acquire("one", NOW, MINUTE, 1)

    async def add(self, *executions: Execution) -> None:
        new = [created(one) for one in executions]
        await self.store.executions.create(new)
        await self.store.executions.apply([idle(one.execution, one.event) for one in new], self.owner.lease)

    async def rounds(self, count: int = 1) -> int:
        for _ in range(count):
            await self.watchdog.round()
        return self.watchdog.stuck


def in_a_yard(test: Callable[[Yard], Coroutine[None, None, None]]) -> Callable[[], None]:
    def run() -> None:
        async def all_of_it() -> None:
            yard = Yard()
            await yard.take()
            await test(yard)

        asyncio.run(all_of_it())

    run.__name__ = test.__name__
    return run


@in_a_yard
async def test_what_has_no_next_event_counts_from_the_second_round_on(yard: Yard) -> None:
    await yard.add(execution(State.RUNNING))
    assert await yard.rounds() == 0
    assert await yard.rounds() == 1
    assert await yard.rounds() == 1


@in_a_yard
async def test_what_has_changed_in_between_does_not_count(yard: Yard) -> None:
    before = execution(State.RUNNING)
    await yard.add(before)
    await yard.rounds()
    await yard.store.executions.apply([step(before)], yard.owner.lease)
    assert await yard.rounds() == 0


@in_a_yard
async def test_it_does_not_count_any_more_when_it_goes_on(yard: Yard) -> None:
    before = execution(State.RUNNING)
    await yard.add(before)
    assert await yard.rounds(2) == 1
    await yard.store.executions.apply([step(before, to=State.FAILED)], yard.owner.lease)
    assert await yard.rounds() == 0


@in_a_yard
async def test_an_event_in_the_executors_memory_is_a_next_event(yard: Yard) -> None:
    before = execution(State.RUNNING)
    await yard.add(before)
    yard.owner.events.append(created(before).event)
    assert await yard.rounds(3) == 0
    yard.owner.events.clear()
    assert await yard.rounds(2) == 1


@in_a_yard
async def test_a_job_that_no_worker_knows_of_counts(yard: Yard) -> None:
    before = execution(State.RUNNING)
    await yard.add(before)
    run = task_run(before, state=State.SUBMITTED)
    await yard.store.executions.apply([step(before, runs=(run,), jobs=(job(run),))], yard.owner.lease)
    assert await yard.rounds(2) == 1
    await yard.store.queue.offer([run_task(run)])
    assert await yard.rounds(2) == 0


@in_a_yard
async def test_a_free_slot_that_nobody_was_given_counts(yard: Yard) -> None:
    await yard.store.flows.save(stored_flow(source=LIMITED))
    running, first, second = execution(State.RUNNING), execution(State.QUEUED), execution(State.QUEUED)
    await yard.add(running, first, second)
    explained = await yard.explainer.explain(second.id)
    assert explained.waits[0].holders == (running.id, first.id)
    await yard.store.executions.apply([step(running, to=State.SUCCESS)], yard.owner.lease)
    assert await yard.rounds(2) == 1


@in_a_yard
async def test_a_round_looks_at_some_and_the_rounds_at_all(yard: Yard) -> None:
    await yard.add(*(execution(State.RUNNING) for _ in range(MOST + 5)))
    assert [await yard.rounds() for _ in range(4)] == [0, MOST, MOST + 5, MOST + 5]


@in_a_yard
async def test_without_a_lease_nothing_is_counted(yard: Yard) -> None:
    await yard.add(execution(State.RUNNING))
    assert await yard.rounds(2) == 1
    yard.owner.lease = None
    assert await yard.rounds() == 0


@in_a_yard
async def test_what_is_gone_can_not_be_explained(yard: Yard) -> None:
    with pytest.raises(NotFound):
        await yard.explainer.explain("nothing")


def test_it_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def watch(yard: Yard) -> None:
        await yard.add(execution(State.RUNNING))
        await yard.rounds(4)

    with caplog.at_level(logging.ERROR):
        in_a_yard(watch)()
    [record] = caplog.records
    assert record.getMessage().startswith("action=watchdog-stuck execution=")
