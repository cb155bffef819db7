"""Key-values: typed, by namespace, each write a revision."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from factories import NOW, SECOND
from kapell.errors import Refused
from kapell.ports.kv import KvEntry, KvType
from kapell.ports.store import Store


def entry(key: str = "k", value: object = "v", **given: object) -> KvEntry:
    return KvEntry(**{"namespace": "a.b", "key": key, "type": KvType.STRING, "value": value, **given})


async def get(store: Store, key: str = "k") -> KvEntry | None:
    return await store.kv.get("main", "a.b", key)


async def keys(store: Store, prefix: str = "") -> list[str]:
    return [found.key for found in await store.kv.newest("main", "a.b", prefix)]


async def test_a_value_is_read_back_as_it_was_with_its_type_and_description(store: Store) -> None:
    value = {"a": [1, 2.5, None, True, "ü\x00"], "big": 2**70}
    [stored] = await store.kv.set([entry(value=value, type=KvType.JSON, description="d", expires=NOW + SECOND)], NOW)
    assert await get(store) == stored
    assert (stored.value, stored.type, stored.description) == (value, KvType.JSON, "d")
    assert (stored.revision, stored.created, stored.updated) == (1, NOW, NOW)


async def test_each_write_is_the_next_revision_and_the_first_one_says_when_it_was_created(store: Store) -> None:
    await store.kv.set([entry(value="old")], NOW)
    [second] = await store.kv.set([entry(value="new")], NOW + SECOND)
    assert (second.revision, second.created, second.updated) == (2, NOW, NOW + SECOND)
    assert await get(store) == second


async def test_what_is_not_there_is_none(store: Store) -> None:
    await store.kv.set([entry()], NOW)
    assert await get(store, "other") is None
    assert await store.kv.get("main", "a", "k") is None
    assert await store.kv.get("other", "a.b", "k") is None


async def test_a_key_that_is_there_is_not_overwritten_unless_that_is_wanted(store: Store) -> None:
    await store.kv.set([entry("b")], NOW, overwrite=False)
    with pytest.raises(Refused, match=r"Cannot set value for key .b.\. Key already exists and `overwrite`"):
        await store.kv.set([entry("a"), entry("b", "new")], NOW, overwrite=False)
    assert await keys(store) == ["b"]


async def test_an_expired_or_deleted_key_may_be_set_without_overwriting(store: Store) -> None:
    await store.kv.set([entry("short", expires=NOW + SECOND), entry("gone")], NOW)
    await store.kv.delete("main", "a.b", ["gone"], NOW)
    stored = await store.kv.set([entry("short", "new"), entry("gone", "new")], NOW + SECOND, overwrite=False)
    assert [found.revision for found in stored] == [2, 3]


async def test_an_entry_expires_at_its_instant_and_stays(store: Store) -> None:
    await store.kv.set([entry(expires=NOW + SECOND)], NOW)
    found = await get(store)
    assert found is not None
    assert [found.expired(NOW), found.expired(NOW + SECOND)] == [False, True]
    assert await keys(store) == ["k"]


async def test_a_list_has_the_newest_of_each_key_with_the_prefix(store: Store) -> None:
    await store.kv.set([entry(key, "old") for key in ("b2", "b1", "a", "c")], NOW)
    await store.kv.set([entry(key, "new") for key in ("b1", "b2")], NOW)
    await store.kv.set([entry("b3", namespace="a.b.c"), entry("b4", tenant="other")], NOW)
    assert await keys(store, "b") == ["b1", "b2"]
    assert {found.value for found in await store.kv.newest("main", "a.b", "b")} == {"new"}
    assert await keys(store) == ["a", "b1", "b2", "c"]


async def test_a_deleted_key_is_gone_and_told_once(store: Store) -> None:
    await store.kv.set([entry("a"), entry("b")], NOW)
    assert await store.kv.delete("main", "a.b", ["a", "none"], NOW) == ["a"]
    assert await store.kv.delete("main", "a.b", ["a"], NOW) == []
    assert await get(store, "a") is None
    assert await keys(store) == ["b"]


async def test_a_key_that_is_set_after_its_deletion_is_new_and_goes_on_counting(store: Store) -> None:
    await store.kv.set([entry()], NOW)
    await store.kv.delete("main", "a.b", ["k"], NOW)
    [again] = await store.kv.set([entry()], NOW + SECOND)
    assert (again.revision, again.created) == (3, NOW + SECOND)


async def test_all_revisions_are_kept_until_they_are_purged(store: Store) -> None:
    for value in ("one", "two"):
        await store.kv.set([entry(value=value)], NOW)
    await store.kv.delete("main", "a.b", ["k"], NOW)
    revisions = await store.kv.revisions("main", "a.b")
    assert [(found.revision, found.value, found.deleted) for found in revisions] == [
        (3, None, True),
        (2, "two", False),
        (1, "one", False),
    ]
    assert await store.kv.purge([*revisions[1:], replace(revisions[0], revision=9)]) == 2
    assert await store.kv.revisions("main", "a.b") == revisions[:1]


async def test_namespaces_are_those_that_hold_something(store: Store) -> None:
    await store.kv.set([entry(namespace="b"), entry(namespace="a"), entry(namespace="a", key="x")], NOW)
    await store.kv.set([entry(namespace="c", tenant="other")], NOW)
    assert await store.kv.namespaces("main") == ["a", "b"]
    await store.kv.purge(await store.kv.revisions("main", "b"))
    assert await store.kv.namespaces("main") == ["a"]
