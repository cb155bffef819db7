"""Executions.create: a row and an event, once for each idempotency key."""

from __future__ import annotations

import pytest

from factories import created, execution, idle
from kapell.errors import Refused, StoreError
from kapell.ports.executions import Search
from kapell.ports.store import Store
from lease import all_shards


async def test_a_created_execution_can_be_read_back_as_it_was(store: Store) -> None:
    new = execution(inputs={"big": 2**70, "nul": "a\x00b", "list": [1, None, "ü"]}, labels={"team": "a"})
    assert await store.executions.create([created(new)]) == [new.id]
    assert await store.executions.get(new.id) == new


async def test_a_created_execution_has_its_event_in_the_inbox(store: Store) -> None:
    new = created()
    await store.executions.create([new])
    assert [got.event for got in await store.executions.inbox(await all_shards(store), 0, 10)] == [new.event]


async def test_ids_are_returned_in_the_order_asked_for(store: Store) -> None:
    new = [created() for _ in range(3)]
    assert await store.executions.create(new[::-1]) == [one.execution.id for one in new[::-1]]


async def test_an_idempotency_key_gives_the_same_execution_again(store: Store) -> None:
    first, second = created(key="k", digest="d"), created(key="k", digest="d")
    assert await store.executions.create([first]) == await store.executions.create([second])
    assert await store.executions.get(second.execution.id) is None
    assert len(await store.executions.inbox(await all_shards(store), 0, 10)) == 1


async def test_a_key_that_comes_twice_in_one_batch_creates_once(store: Store) -> None:
    first, second = created(key="k", digest="d"), created(key="k", digest="d")
    assert await store.executions.create([first, second]) == [first.execution.id] * 2


async def test_a_key_used_for_another_request_is_refused_and_nothing_of_the_batch_is_written(store: Store) -> None:
    await store.executions.create([created(key="k", digest="d")])
    other = created(key="fresh", digest="x")
    with pytest.raises(Refused):
        await store.executions.create([other, created(key="k", digest="another")])
    assert await store.executions.get(other.execution.id) is None
    assert await store.executions.create([created(other.execution, key="fresh", digest="y")]) == [other.execution.id]


async def test_keys_of_two_tenants_are_two_keys(store: Store) -> None:
    first, second = created(key="k", digest="d"), created(execution(tenant="other"), key="k", digest="d")
    assert await store.executions.create([first, second]) == [first.execution.id, second.execution.id]


async def test_a_key_stays_known_while_its_execution_goes_on(store: Store) -> None:
    first = created(key="k", digest="d")
    await store.executions.create([first])
    await store.executions.apply([idle(first.execution, first.event)], await all_shards(store))
    assert await store.executions.create([created(key="k", digest="d")]) == [first.execution.id]


async def test_an_id_is_not_given_twice(store: Store) -> None:
    new, other = created(), created()
    await store.executions.create([new])
    with pytest.raises(StoreError):
        await store.executions.create([other, new])
    assert [found.id for found in await store.executions.search(Search())] == [new.execution.id]
