"""Executions.delete: nothing of it is left."""

from __future__ import annotations

from factories import MINUTE, NOW, child, created, execution, job, kill_asked, line, metric, step, task_run, timer
from kapell.model.execution import Execution, Kind
from kapell.ports.store import Store
from lease import all_shards


async def whole(store: Store, new: Execution, *, key: str | None = None) -> None:
    """Insert an execution that has something of everything."""
    await store.executions.create([created(new, key=key, digest="d")])
    run = task_run(new)
    first = step(
        new,
        runs=(run,),
        outputs={run.id: {"n": 1}},
        logs=(line(run),),
        metrics=(metric(run),),
        timers=(timer(new),),
        jobs=(job(run),),
        sent=(kill_asked(new),),
    )
    await store.executions.apply([first], await all_shards(store))


async def test_a_deleted_execution_leaves_nothing(store: Store) -> None:
    gone, lease = execution(), await all_shards(store)
    await whole(store, gone)
    assert await store.executions.delete(gone.id) is True
    assert await store.executions.load(gone.id) is None
    assert await store.executions.task_runs(gone.id) == []
    assert await store.executions.outputs([task_run(gone).id]) == {}
    assert await store.executions.journal(gone.id) == []
    assert await store.logs.read(gone.id) == []
    assert await store.logs.metrics(gone.id) == []
    assert await store.executions.timers(lease, NOW + 9 * MINUTE, 10) == []
    assert await store.executions.inbox(lease, 0, 10) == []
    assert await store.executions.unfinished(lease, None, 10) == []
    assert await store.executions.delete(gone.id) is False


async def test_others_stay_whole(store: Store) -> None:
    gone, kept, lease = execution(), execution(), await all_shards(store)
    await whole(store, gone)
    await whole(store, kept)
    await store.executions.delete(gone.id)
    loaded = await store.executions.load(kept.id)
    assert loaded is not None
    assert (loaded.runs, loaded.jobs) == ((task_run(kept),), (job(task_run(kept)),))
    assert await store.executions.outputs([task_run(kept).id]) == {task_run(kept).id: {"n": 1}}
    assert len(await store.executions.journal(kept.id)) == len(await store.logs.read(kept.id)) == 1
    assert {got.event.execution_id for got in await store.executions.inbox(lease, 0, 10)} == {kept.id}


async def test_its_idempotency_key_is_free_again(store: Store) -> None:
    gone, next_ = execution(), created(key="k", digest="another")
    await whole(store, gone, key="k")
    await store.executions.delete(gone.id)
    assert await store.executions.create([next_]) == [next_.execution.id]


async def test_executions_of_its_loops_go_along_and_those_of_its_subflows_stay(store: Store) -> None:
    parent = execution()
    loop, subflow = child(parent, kind=Kind.LOOP), child(parent)
    inner = child(loop, kind=Kind.LOOP)
    for one in (parent, loop, subflow, inner):
        await whole(store, one)
    await store.executions.delete(parent.id)
    assert await store.executions.get(loop.id) is None
    assert await store.executions.journal(inner.id) == []
    assert await store.executions.get(subflow.id) is not None
