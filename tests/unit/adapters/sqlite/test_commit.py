"""One transaction for all that waits: what fails alone, what fails together, and what memory learns of it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from factories import created, execution, idle, kill_asked, line, step, task_run
from kapell.adapters.sqlite.query import Session
from kapell.adapters.sqlite.store import SqliteStore
from kapell.errors import LeaseLost, Refused, StaleVersion, StoreError
from kapell.model.state import State
from kapell.ports.executions import Search
from kapell.ports.shards import Lease
from lease import all_shards
from stores import with_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kapell.db"


async def hold(store: SqliteStore) -> asyncio.Future[None]:
    """Keep the writer busy until it is let go, so that what comes now waits together; returns the letting go."""
    begun, let_go = threading.Event(), threading.Event()

    def work(session: Session) -> None:
        begun.set()
        let_go.wait(10)

    async def release() -> None:
        await asyncio.sleep(0)
        let_go.set()
        await busy

    busy = asyncio.create_task(store._database.write(work))
    await asyncio.to_thread(begun.wait, 10)
    return asyncio.ensure_future(release())


def test_what_waits_together_is_committed_together(path: Path) -> None:
    new = [created() for _ in range(30)]

    async def act(store: SqliteStore) -> None:
        counted: list[int] = []

        def hook() -> bool:
            counted.append(1)
            return False

        await store._database.write(lambda session: session.connection.set_commit_hook(hook))
        counted.clear()
        released = await hold(store)
        ids = await asyncio.gather(*(store.executions.create([one]) for one in new))
        await released
        assert ids == [[one.execution.id] for one in new]
        assert len(counted) == 2
        await store._database.write(lambda session: session.connection.set_commit_hook(None))

    with_store(path, act)


def test_a_failing_item_fails_alone(path: Path) -> None:
    kept, known, odd = created(), created(key="k", digest="d"), execution(inputs={"surrogate": "\ud800"})

    async def act(store: SqliteStore) -> None:
        await store.executions.create([known])
        lease, run = await all_shards(store), task_run(known.execution)
        released = await hold(store)
        results = await asyncio.gather(
            store.executions.create([kept]),
            store.executions.create([created(), created(key="k", digest="another")]),
            store.executions.create([created(odd)]),
            store.executions.apply([step(known.execution)], Lease(owner="x", epochs={0: 99})),
            store.executions.apply([step(known.execution, known.event, runs=(run,))], lease),
            store.executions.apply([step(known.execution, to=State.KILLING)], lease),
            store.logs.append([line(run)]),
            return_exceptions=True,
        )
        await released
        assert [type(result) for result in results] == [
            list,
            Refused,
            StoreError,
            LeaseLost,
            type(None),
            StaleVersion,
            type(None),
        ]
        assert {one.id for one in await store.executions.search(Search())} == {kept.execution.id, known.execution.id}
        assert [got.event for got in await store.executions.inbox(lease, 0, 10)] == [kept.event]
        assert await store.executions.task_runs(known.execution.id) == [run]
        assert await store.logs.read(known.execution.id) == [line(run)]

    with_store(path, act)


def test_of_values_written_by_one_call_only_the_bad_one_fails(path: Path) -> None:
    good = [created() for _ in range(3)]
    bad = created(execution(inputs={"surrogate": "\ud800"}))

    async def act(store: SqliteStore) -> None:
        released = await hold(store)
        asked = [store.executions.create([one]) for one in (good[0], bad, good[1], good[0], good[2])]
        results = await asyncio.gather(*asked, return_exceptions=True)
        await released
        assert [type(result) for result in results] == [list, StoreError, list, StoreError, list]
        received = await store.executions.inbox(await all_shards(store), 0, 9)
        assert [got.event for got in received] == [one.event for one in good]

    with_store(path, act)


def test_a_caller_that_has_gone_loses_no_event(path: Path) -> None:
    new = created()

    async def act(store: SqliteStore) -> None:
        released = await hold(store)
        asked = asyncio.create_task(store.executions.create([new]))
        await asyncio.sleep(0)
        asked.cancel()
        await released
        await store.executions.create([created()])
        received = await store.executions.inbox(await all_shards(store), 0, 10)
        assert new.event in [got.event for got in received]

    with_store(path, act)


def test_memory_and_file_agree_on_what_waits(path: Path) -> None:
    new = [created() for _ in range(20)]

    async def act(store: SqliteStore) -> list[object]:
        lease = await all_shards(store)
        await asyncio.gather(*(store.executions.create([one]) for one in new))
        await store.executions.send([kill_asked(one.execution, id=f"k{n % 7}") for n, one in enumerate(new)])
        await store.executions.apply([idle(one.execution, one.event) for one in new[::2]], lease)
        await store.executions.apply([step(new[0].execution, kill_asked(new[0].execution, id="k0"))], lease)
        return [(got.position, got.event) for got in await store.executions.inbox(lease, 0, 99)]

    async def again(store: SqliteStore) -> list[object]:
        return [(got.position, got.event) for got in await store.executions.inbox(await all_shards(store), 0, 99)]

    assert with_store(path, act) == with_store(path, again)


def test_two_task_runs_of_one_number_are_refused(path: Path) -> None:
    new = created()

    async def act(store: SqliteStore) -> None:
        await store.executions.create([new])
        lease = await all_shards(store)
        twins = step(new.execution, new.event, runs=(task_run(new.execution, "a"), task_run(new.execution, "b")))
        with pytest.raises(StoreError, match="the same number"):
            await store.executions.apply([twins], lease)
        assert await store.executions.task_runs(new.execution.id) == []

    with_store(path, act)


def test_a_full_disk_is_an_error_that_passes(path: Path) -> None:
    kept = created()

    async def pages(store: SqliteStore, most: int | None) -> None:
        def work(session: Session) -> None:
            page_count = session.connection.pragma("page_count")
            session.connection.pragma("max_page_count", page_count + 4 if most is None else most)

        await store._database.write(work)

    async def act(store: SqliteStore) -> None:
        lease = await all_shards(store)
        await store.executions.create([kept])
        await pages(store, None)
        big = created(execution(inputs={"text": "x" * 200_000}))
        released = await hold(store)
        small = created()
        asked = [store.executions.create([big]), store.executions.create([small])]
        results = await asyncio.gather(*asked, return_exceptions=True)
        await released
        assert isinstance(results[0], StoreError)
        assert results[1] == [small.execution.id]
        assert await store.executions.get(big.execution.id) is None
        run = task_run(kept.execution)
        grown = step(kept.execution, kept.event, runs=(run,), outputs={run.id: {"text": "x" * 200_000}})
        with pytest.raises(StoreError, match="full"):
            await store.executions.apply([grown], lease)
        assert [got.event for got in await store.executions.inbox(lease, 0, 9)] == [kept.event, small.event]
        await pages(store, 1_000_000)
        await store.executions.create([big])
        await store.executions.apply([step(kept.execution, kept.event)], lease)

    async def after(store: SqliteStore) -> int:
        return len(await store.executions.unfinished(await all_shards(store), None, 9))

    with_store(path, act)
    assert with_store(path, after) == 3


def test_when_the_commit_itself_fails_nothing_of_the_batch_is_kept(path: Path) -> None:
    async def act(store: SqliteStore) -> None:
        lease = await all_shards(store)
        broken: list[bool] = []
        await store._database.write(lambda session: session.connection.set_commit_hook(lambda: bool(broken)))
        broken.append(True)
        released = await hold(store)
        asked = [store.executions.create([created()]) for _ in range(3)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.gather(released, return_exceptions=True)
        broken.clear()
        assert {type(result) for result in results} == {StoreError}
        assert await store.executions.search(Search()) == []
        assert await store.executions.inbox(lease, 0, 9) == []

    with_store(path, act)
