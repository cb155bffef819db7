"""Flows: revisions that never change."""

from __future__ import annotations

from msgspec.structs import replace

from factories import MINUTE, NOW, stored_flow
from kapell.ports.flows import StoredFlow
from kapell.ports.store import Store


async def get(store: Store, flow: StoredFlow, revision: int | None = None) -> StoredFlow | None:
    return await store.flows.get(flow.tenant, flow.namespace, flow.id, revision)


async def test_the_first_revision_is_one_and_each_text_makes_the_next(store: Store) -> None:
    first = await store.flows.save(stored_flow(source="a", revision=9))
    second = await store.flows.save(stored_flow(source="b"))
    assert (first.revision, second.revision) == (1, 2)
    assert await get(store, first) == second
    assert await get(store, first, 1) == first
    assert await get(store, first, 3) is await get(store, first, 0) is None


async def test_the_text_is_kept_byte_for_byte(store: Store) -> None:
    flow = await store.flows.save(stored_flow(source="id: ü # ä\r\n\tx: \x00\n"))
    assert await get(store, flow) == flow


async def test_the_latest_text_again_changes_nothing(store: Store) -> None:
    first = await store.flows.save(stored_flow())
    assert await store.flows.save(stored_flow()) == first
    assert await get(store, first, 2) is None


async def test_an_older_text_again_is_a_new_revision(store: Store) -> None:
    for source in ("a", "b", "a"):
        last = await store.flows.save(stored_flow(source=source))
    assert last.revision == 3


async def test_disabling_is_a_new_revision(store: Store) -> None:
    await store.flows.save(stored_flow())
    assert await store.flows.save(stored_flow(disabled=True)) == stored_flow(disabled=True, revision=2)


async def test_a_draft_is_got_by_its_revision_only(store: Store) -> None:
    first = await store.flows.save(stored_flow(source="a"))
    draft = await store.flows.save(stored_flow(source="b", draft=True))
    assert await get(store, first) == first
    assert await get(store, first, 2) == draft
    assert await store.flows.list("main") == [draft]


async def test_a_deleted_flow_is_gone_and_its_revisions_stay(store: Store) -> None:
    first = await store.flows.save(stored_flow())
    assert await store.flows.delete("main", first.namespace, first.id) is True
    assert await get(store, first) is None
    assert await store.flows.list("main") == []
    assert await get(store, first, 1) == first
    assert await get(store, first, 2) == replace(first, revision=2, deleted=True)


async def test_what_is_not_there_can_not_be_deleted(store: Store) -> None:
    flow = await store.flows.save(stored_flow())
    assert await store.flows.delete("main", flow.namespace, "other") is False
    assert await store.flows.delete("main", flow.namespace, flow.id) is True
    assert await store.flows.delete("main", flow.namespace, flow.id) is False


async def test_a_flow_saved_after_its_deletion_goes_on_counting(store: Store) -> None:
    flow = await store.flows.save(stored_flow())
    await store.flows.delete("main", flow.namespace, flow.id)
    again = await store.flows.save(stored_flow())
    assert again == replace(flow, revision=3)
    assert await get(store, flow) == again


async def test_a_list_has_the_latest_of_each_by_namespace_and_id(store: Store) -> None:
    names = [("b", "x"), ("a.b", "y"), ("a", "z"), ("a", "c"), ("ab", "q")]
    for namespace, id in names:
        await store.flows.save(stored_flow(id, namespace=namespace, source="old"))
        await store.flows.save(stored_flow(id, namespace=namespace, source="new"))
    everything = await store.flows.list("main")
    assert [(flow.namespace, flow.id) for flow in everything] == sorted(names)
    assert {(flow.source, flow.revision) for flow in everything} == {("new", 2)}
    assert [flow.id for flow in await store.flows.list("main", "a")] == ["c", "z", "y"]


async def test_a_namespace_has_flows_while_one_in_it_or_below_is_undeleted(store: Store) -> None:
    flow = await store.flows.save(stored_flow(namespace="a.b"))
    asked = ["a", "a.b", "a.b.c", "ab", "a.c"]
    assert [await store.flows.any_in("main", namespace) for namespace in asked] == [True, True, False, False, False]
    await store.flows.delete("main", "a.b", flow.id)
    assert await store.flows.any_in("main", "a") is False


async def test_tenants_do_not_see_each_other(store: Store) -> None:
    flow = await store.flows.save(stored_flow())
    assert await store.flows.get("other", flow.namespace, flow.id) is None
    assert await store.flows.list("other") == []
    assert await store.flows.delete("other", flow.namespace, flow.id) is False


async def test_revisions_are_listed_from_the_newest_and_purged_except_it(store: Store) -> None:
    saved = [await store.flows.save(stored_flow(source=f"# {n}", updated=NOW)) for n in range(4)]
    await store.flows.save(stored_flow("other"))
    key = ("main", "company.team", "hello")
    assert await store.flows.revisions(*key) == list(reversed(saved))
    assert await store.flows.purge(*key, [1, 3, 4, 9]) == 2
    assert await store.flows.revisions(*key) == [saved[3], saved[1]]
    assert await store.flows.get(*key, 1) is None
    assert await store.flows.get(*key, 2) == saved[1]
    assert await store.flows.get(*key) == saved[3]
    assert (await store.flows.save(stored_flow(source="# more"))).revision == 5
    assert await store.flows.revisions("main", "company.team", "nothing") == []
    assert len(await store.flows.revisions("main", "company.team", "other")) == 1


async def test_when_a_text_was_saved_makes_no_revision(store: Store) -> None:
    first = await store.flows.save(stored_flow(updated=NOW))
    assert await store.flows.save(stored_flow(updated=NOW + MINUTE)) == first
