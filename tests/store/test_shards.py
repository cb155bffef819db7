"""Shards: one owner each, and a higher epoch for every next one."""

from __future__ import annotations

import pytest

from factories import MINUTE, NOW, SECOND
from kapell.ports.shards import shard_of
from kapell.ports.store import Store
from lease import SHARDS


async def test_the_store_tells_how_many_there_are(store: Store) -> None:
    assert store.shards.count == SHARDS


async def test_a_shard_has_one_owner(store: Store) -> None:
    first = await store.shards.acquire("one", NOW, MINUTE, 3)
    second = await store.shards.acquire("two", NOW, MINUTE, 3)
    assert sorted([*first.epochs, *second.epochs]) == list(range(SHARDS))
    assert len(first.epochs) == 3
    assert (first.owner, second.owner) == ("one", "two")


async def test_acquiring_again_adds_to_what_is_held(store: Store) -> None:
    first = await store.shards.acquire("one", NOW, MINUTE, 1)
    both = await store.shards.acquire("one", NOW + SECOND, MINUTE, 1)
    assert len(both.epochs) == 2
    assert both.epochs.items() >= first.epochs.items()


async def test_a_shard_not_renewed_in_time_goes_to_another_with_a_higher_epoch(store: Store) -> None:
    old = await store.shards.acquire("one", NOW, MINUTE, SHARDS)
    assert (await store.shards.acquire("two", NOW + MINUTE - SECOND, MINUTE, SHARDS)).epochs == {}
    new = await store.shards.acquire("two", NOW + MINUTE, MINUTE, SHARDS)
    assert new.epochs.keys() == old.epochs.keys()
    assert all(new.epochs[shard] > epoch for shard, epoch in old.epochs.items())


async def test_an_owner_that_takes_an_expired_shard_again_gets_a_higher_epoch(store: Store) -> None:
    old = await store.shards.acquire("one", NOW, MINUTE, SHARDS)
    new = await store.shards.acquire("one", NOW + 2 * MINUTE, MINUTE, SHARDS)
    assert all(new.epochs[shard] > epoch for shard, epoch in old.epochs.items())


async def test_renewing_keeps_others_out(store: Store) -> None:
    lease = await store.shards.acquire("one", NOW, MINUTE, SHARDS)
    assert await store.shards.renew(lease, NOW + MINUTE - SECOND, MINUTE) == lease
    assert (await store.shards.acquire("two", NOW + MINUTE, MINUTE, SHARDS)).epochs == {}


async def test_what_others_have_taken_is_not_renewed(store: Store) -> None:
    lease = await store.shards.acquire("one", NOW, MINUTE, SHARDS)
    taken = await store.shards.acquire("two", NOW + MINUTE, MINUTE, 1)
    kept = await store.shards.renew(lease, NOW + MINUTE, MINUTE)
    assert kept.epochs.keys() == lease.epochs.keys() - taken.epochs.keys()


async def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    old = await store.shards.acquire("one", NOW, MINUTE, SHARDS)
    await store.shards.release(old)
    assert (await store.shards.renew(old, NOW, MINUTE)).epochs == {}
    new = await store.shards.acquire("two", NOW, MINUTE, SHARDS)
    assert all(new.epochs[shard] > epoch for shard, epoch in old.epochs.items())


async def test_giving_back_leaves_alone_what_others_have_taken(store: Store) -> None:
    old = await store.shards.acquire("one", NOW, MINUTE, SHARDS)
    new = await store.shards.acquire("two", NOW + MINUTE, MINUTE, SHARDS)
    await store.shards.release(old)
    assert await store.shards.renew(new, NOW + MINUTE, MINUTE) == new


@pytest.mark.parametrize(("id", "count", "shard"), [("abc", 1, 0), ("abc", 4, 2), ("a" * 22, 16, 6)])
def test_the_shard_of_an_id_is_the_same_forever(id: str, count: int, shard: int) -> None:
    assert shard_of(id, count) == shard


async def test_a_shard_tells_its_owner_while_the_lease_lasts(store: Store) -> None:
    assert await store.shards.owner(0, NOW) is None
    lease = await store.shards.acquire("one", NOW, MINUTE, 1)
    [held] = lease.epochs
    assert await store.shards.owner(held, NOW) == "one"
    assert await store.shards.owner(held, NOW + MINUTE) is None
    await store.shards.release(lease)
    assert await store.shards.owner(held, NOW) is None
