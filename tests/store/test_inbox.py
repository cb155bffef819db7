"""Inboxes: events wait in order until a commit absorbs them, and wake the owner of their shard."""

from __future__ import annotations

import asyncio

from factories import NOW, SECOND, created, execution, idle, kill_asked, step
from kapell.ports.shards import Lease, shard_of
from kapell.ports.store import Store
from lease import all_shards


async def test_events_come_in_the_order_they_were_sent_at_growing_positions(store: Store) -> None:
    new = created()
    await store.executions.create([new])
    asked = [kill_asked(new.execution) for _ in range(3)]
    await store.executions.send(asked)
    received = await store.executions.inbox(await all_shards(store), 0, 10)
    assert [got.event for got in received] == [new.event, *asked]
    assert [got.position for got in received] == sorted({got.position for got in received})


async def test_an_event_that_waits_already_is_left_out(store: Store) -> None:
    new = created()
    await store.executions.create([new])
    await store.executions.send([new.event, kill_asked(new.execution, id="k"), kill_asked(new.execution, id="k")])
    await store.executions.send([kill_asked(new.execution, id="k")])
    assert len(await store.executions.inbox(await all_shards(store), 0, 10)) == 2


async def test_an_event_for_an_execution_that_is_gone_is_left_out(store: Store) -> None:
    await store.executions.send([kill_asked(execution())])
    assert await store.executions.inbox(await all_shards(store), 0, 10) == []


async def test_a_reader_goes_on_after_the_last_position_it_saw(store: Store) -> None:
    new = [created() for _ in range(5)]
    await store.executions.create(new)
    lease, seen, after = await all_shards(store), [], 0
    while page := await store.executions.inbox(lease, after, 2):
        seen += [got.event for got in page]
        after = page[-1].position
    assert seen == [one.event for one in new]


async def test_an_event_stays_until_a_commit_absorbs_it(store: Store) -> None:
    new = created()
    await store.executions.create([new])
    lease = await all_shards(store)
    assert await store.executions.inbox(lease, 0, 10) == await store.executions.inbox(lease, 0, 10) != []
    await store.executions.apply([step(new.execution, new.event)], lease)
    assert await store.executions.inbox(lease, 0, 10) == []


async def test_a_position_is_not_given_again_after_its_event_is_absorbed(store: Store) -> None:
    new = created()
    await store.executions.create([new])
    lease = await all_shards(store)
    [first] = await store.executions.inbox(lease, 0, 10)
    await store.executions.apply([idle(new.execution, new.event)], lease)
    await store.executions.send([kill_asked(new.execution)])
    [second] = await store.executions.inbox(lease, 0, 10)
    assert second.position > first.position


async def test_a_lease_sees_the_inboxes_of_its_own_shards_only(store: Store) -> None:
    new = [created(execution(id=f"{letter:0>22}")) for letter in "ab"]
    await store.executions.create(new)
    shards = [shard_of(one.execution.id, store.shards.count) for one in new]
    assert shards[0] != shards[1]
    lease = Lease(owner="one", epochs={shards[1]: 1})
    assert [got.event for got in await store.executions.inbox(lease, 0, 10)] == [new[1].event]


async def test_whoever_waits_is_woken_by_an_event(store: Store) -> None:
    lease = await all_shards(store)
    waiting = [asyncio.create_task(store.executions.wake(lease)), asyncio.create_task(_wake_other(store))]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    await store.executions.create([created()])
    await asyncio.gather(*waiting)


async def test_an_event_that_came_before_the_call_wakes_once(store: Store) -> None:
    await store.executions.create([created()])
    lease = await all_shards(store)
    await store.executions.wake(lease)
    again = asyncio.create_task(store.executions.wake(lease))
    await asyncio.sleep(0)
    assert not again.done()
    new = created()
    await store.executions.create([new])
    await again


async def test_an_event_sent_by_a_step_wakes_too(store: Store) -> None:
    new = created()
    await store.executions.create([new])
    lease = await all_shards(store)
    await store.executions.wake(lease)
    waiting = asyncio.create_task(store.executions.wake(lease))
    await store.executions.apply([step(new.execution, new.event, sent=(kill_asked(new.execution),))], lease)
    await waiting


async def _wake_other(store: Store) -> None:
    other = await store.shards.acquire("other", NOW, SECOND, 0)
    await store.executions.wake(other)
