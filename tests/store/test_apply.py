"""Executions.apply: what steps changed, all of it in one transaction, or nothing."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from factories import (
    MINUTE,
    NOW,
    child,
    created,
    execution,
    finished,
    idle,
    job,
    kill_asked,
    line,
    metric,
    step,
    task_run,
    timer,
)
from kapell.errors import LeaseLost, StaleVersion, StoreError
from kapell.model.execution import Execution
from kapell.model.messages import journal_row
from kapell.model.state import State
from kapell.model.window import Arrival, Window
from kapell.ports.executions import Loaded
from kapell.ports.shards import Lease, shard_of
from kapell.ports.store import Store
from lease import all_shards


async def started(store: Store, **given: object) -> Execution:
    """An execution that is there and has no event waiting."""
    new = created(execution(**given))
    await store.executions.create([new])
    await store.executions.apply([idle(new.execution, new.event)], await all_shards(store))
    return new.execution


async def test_a_step_is_all_there_after_the_commit(store: Store) -> None:
    before = await started(store)
    run = task_run(before, state=State.SUCCESS, has_outputs=True, memo={"n": 1})
    first = step(
        before,
        to=State.RUNNING,
        runs=(run,),
        outputs={run.id: {"value": 2**70, "text": "a\x00b"}},
        logs=(line(run),),
        metrics=(metric(run),),
        timers=(timer(before, id="t"),),
        jobs=(job(run),),
    )
    lease = await all_shards(store)
    await store.executions.apply([first], lease)
    assert await store.executions.load(before.id) == Loaded(execution=first.execution, runs=(run,), jobs=(job(run),))
    assert await store.executions.outputs([run.id]) == {run.id: {"value": 2**70, "text": "a\x00b"}}
    assert await store.executions.journal(before.id) == [journal_row(first)]
    assert await store.executions.timers(lease, NOW + MINUTE, 10) == list(first.timers)
    assert await store.logs.read(before.id) == [line(run)]
    assert await store.logs.metrics(before.id) == [metric(run)]


async def test_of_a_row_that_several_steps_changed_the_last_image_stays(store: Store) -> None:
    before = await started(store)
    run = task_run(before)
    first = step(before, to=State.RUNNING, runs=(run,), outputs={run.id: {"n": 1}}, jobs=(job(run),))
    done = run.to(State.RUNNING, NOW).to(State.SUCCESS, NOW)
    second = step(first.execution, finished(run), runs=(done,), outputs={run.id: {"n": 2}}, done_jobs=(job(run).id,))
    await store.executions.apply([first, second], await all_shards(store))
    assert await store.executions.load(before.id) == Loaded(execution=second.execution, runs=(done,), jobs=())
    assert await store.executions.outputs([run.id]) == {run.id: {"n": 2}}
    assert await store.executions.journal(before.id) == [journal_row(first), journal_row(second)]


async def test_a_later_commit_replaces_rows_of_an_earlier_one(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    run = task_run(before)
    first = step(before, to=State.RUNNING, runs=(run,), outputs={run.id: {"n": 1}}, timers=(timer(before, id="t"),))
    later = timer(before, id="t", due=NOW + 2 * MINUTE)
    done = run.to(State.RUNNING, NOW).to(State.SUCCESS, NOW)
    second = step(first.execution, to=State.SUCCESS, runs=(done,), outputs={run.id: {"n": 2}}, timers=(later,))
    await store.executions.apply([first], lease)
    await store.executions.apply([second], lease)
    assert await store.executions.get(before.id) == second.execution
    assert await store.executions.task_runs(before.id) == [done]
    assert await store.executions.outputs([run.id]) == {run.id: {"n": 2}}
    assert await store.executions.timers(lease, NOW + 9 * MINUTE, 10) == [later]


async def test_a_job_goes_with_the_step_that_is_done_with_it(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    first, second = task_run(before, "a"), task_run(before, "b", number=1)
    handed_out = step(before, runs=(first, second), jobs=(job(first), job(second)))
    await store.executions.apply([handed_out], lease)
    await store.executions.apply([step(handed_out.execution, done_jobs=(job(first).id,))], lease)
    loaded = await store.executions.load(before.id)
    assert loaded is not None
    assert loaded.jobs == (job(second),)


async def test_task_runs_come_in_the_order_of_creation(store: Store) -> None:
    before = await started(store)
    runs = [task_run(before, f"t{number % 3}", value=str(number), number=number) for number in range(12)]
    await store.executions.apply([step(before, runs=tuple(runs[6:]))], await all_shards(store))
    second = step(replace(before, version=1), runs=tuple(reversed(runs[:6])))
    await store.executions.apply([second], await all_shards(store))
    assert await store.executions.task_runs(before.id) == runs


async def test_a_removed_task_run_takes_its_outputs_along(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    kept, gone = task_run(before, "kept"), task_run(before, "gone", number=1)
    first = step(before, runs=(kept, gone), outputs={kept.id: {"n": 1}, gone.id: {"n": 2}})
    await store.executions.apply([first], lease)
    await store.executions.apply([step(first.execution, removed_runs=(gone.id,))], lease)
    assert await store.executions.task_runs(before.id) == [kept]
    assert await store.executions.outputs([kept.id, gone.id]) == {kept.id: {"n": 1}}


async def test_a_number_is_free_again_when_its_task_run_is_removed(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    first = step(before, runs=(task_run(before, "old"),))
    await store.executions.apply([first], lease)
    new = task_run(before, "new")
    await store.executions.apply(
        [step(first.execution, removed_runs=(task_run(before, "old").id,), runs=(new,))], lease
    )
    assert await store.executions.task_runs(before.id) == [new]


async def test_children_get_their_rows_and_inbox_events(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    new = created(child(before))
    await store.executions.apply([step(before, children=(new,))], lease)
    assert await store.executions.get(new.execution.id) == new.execution
    assert [got.event for got in await store.executions.inbox(lease, 0, 10)] == [new.event]


async def test_a_child_may_be_born_and_stepped_in_one_batch(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    new = created(child(before))
    born = step(before, children=(new,))
    first = step(new.execution, new.event, to=State.RUNNING)
    await store.executions.apply([born, first], lease)
    assert await store.executions.get(new.execution.id) == first.execution
    assert await store.executions.inbox(lease, 0, 10) == []


async def test_sent_events_get_into_the_inboxes_of_their_executions(store: Store) -> None:
    before, other, lease = await started(store), await started(store), await all_shards(store)
    sent = (kill_asked(other), kill_asked(before))
    await store.executions.apply([step(before, sent=sent)], lease)
    assert tuple(got.event for got in await store.executions.inbox(lease, 0, 10)) == sent


async def test_an_event_sent_and_absorbed_in_one_batch_does_not_wait(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    first = step(before, sent=(kill_asked(before, id="k"),))
    await store.executions.apply([first, step(first.execution, kill_asked(before, id="k"))], lease)
    assert await store.executions.inbox(lease, 0, 10) == []


async def test_a_step_that_leaves_everything_absorbs_its_event_and_no_more(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    event = kill_asked(before)
    await store.executions.send([event])
    await store.executions.apply([idle(before, event, refused="not now")], lease)
    assert await store.executions.get(before.id) == before
    assert await store.executions.journal(before.id) == []
    assert await store.executions.inbox(lease, 0, 10) == []


@pytest.mark.parametrize("version", [0, 2, 7])
async def test_a_step_that_is_not_the_next_version_is_refused(store: Store, version: int) -> None:
    before = await started(store)
    wrong = step(before, runs=(task_run(before),))
    wrong = replace(wrong, execution=replace(wrong.execution, version=version))
    with pytest.raises(StaleVersion, match="is not the next version"):
        await store.executions.apply([wrong], await all_shards(store))
    assert await store.executions.task_runs(before.id) == []


async def test_a_second_writer_of_the_same_version_is_refused(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    mine = step(before, to=State.RUNNING, runs=(task_run(before),))
    await store.executions.apply([mine], lease)
    with pytest.raises(StaleVersion, match="is not the next version"):
        await store.executions.apply([step(before, to=State.KILLING, runs=(task_run(before, "x"),))], lease)
    assert await store.executions.get(before.id) == mine.execution


async def test_a_step_of_an_execution_that_is_gone_is_refused(store: Store) -> None:
    with pytest.raises(StaleVersion, match="is not the next version"):
        await store.executions.apply([step(execution())], await all_shards(store))


async def test_one_wrong_step_undoes_its_whole_batch(store: Store) -> None:
    before, other, lease = await started(store), await started(store), await all_shards(store)
    run = task_run(before)
    event = kill_asked(before)
    await store.executions.send([event])
    new = created(child(before))
    good = step(
        before,
        event,
        to=State.RUNNING,
        runs=(run,),
        outputs={run.id: {"n": 1}},
        logs=(line(run),),
        timers=(timer(before),),
        jobs=(job(run),),
        children=(new,),
    )
    wrong = replace(step(other), execution=replace(other, version=5))
    with pytest.raises(StoreError):
        await store.executions.apply([good, wrong], lease)
    assert await store.executions.load(before.id) == Loaded(execution=before, runs=(), jobs=())
    assert await store.executions.load(new.execution.id) is None
    assert await store.executions.outputs([run.id]) == {}
    assert await store.executions.journal(before.id) == []
    assert await store.executions.next_due(lease) is None
    assert await store.logs.read(before.id) == []
    assert [got.event for got in await store.executions.inbox(lease, 0, 10)] == [event]
    await store.executions.apply([good], lease)
    assert await store.executions.get(before.id) == good.execution


async def test_a_child_that_is_there_already_is_refused(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    new = created(child(before))
    first = step(before, children=(new,))
    await store.executions.apply([first], lease)
    with pytest.raises(StoreError):
        await store.executions.apply([step(first.execution, children=(new,))], lease)
    assert await store.executions.get(before.id) == first.execution


async def test_a_lease_that_another_has_taken_over_writes_nothing(store: Store) -> None:
    before, old = await started(store), await all_shards(store)
    new = await store.shards.acquire("two", NOW + 2 * MINUTE, MINUTE, 99)
    mine = step(before, to=State.RUNNING)
    with pytest.raises(LeaseLost) as lost:
        await store.executions.apply([mine], old)
    assert lost.value.shards == (shard_of(before.root_id, store.shards.count),)
    assert await store.executions.get(before.id) == before
    await store.executions.apply([mine], new)
    assert await store.executions.get(before.id) == mine.execution


async def test_a_lease_of_other_shards_writes_nothing(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    shard = shard_of(before.root_id, store.shards.count)
    others = Lease(owner=lease.owner, epochs={n: epoch for n, epoch in lease.epochs.items() if n != shard})
    with pytest.raises(LeaseLost):
        await store.executions.apply([step(before, to=State.RUNNING)], others)
    assert await store.executions.get(before.id) == before


def window(version: str, follows: str = "", **come: str) -> Window:
    arrivals = {name: Arrival(execution_id=id, at=NOW, outputs={"n": 1}) for name, id in come.items()}
    key = {"namespace": "company.team", "flow_id": "after", "trigger_id": "up", "definition": "d"}
    return Window(**key, version=version, follows=follows, come=arrivals)


async def test_the_windows_of_triggers_are_there_after_the_commit_as_they_were_last(store: Store) -> None:
    before, lease = await started(store), await all_shards(store)
    first = step(before, windows=(window("one", a="x"),))
    second = step(first.execution, windows=(window("two", "one", a="x", b="y"),))
    third = step(second.execution, windows=(window("three", "two"),))
    await store.executions.apply([first, second], lease)
    assert await store.executions.windows() == [window("two", "one", a="x", b="y")]
    await store.executions.apply([third], lease)
    assert await store.executions.windows() == [window("three", "two")]


@pytest.mark.parametrize("follows", ["", "two"])
async def test_a_window_that_does_not_follow_the_stored_one_is_refused(store: Store, follows: str) -> None:
    before, lease = await started(store), await all_shards(store)
    first = step(before, windows=(window("one", a="x"),))
    await store.executions.apply([first], lease)
    with pytest.raises(StaleVersion, match="is not the next version"):
        await store.executions.apply([step(first.execution, windows=(window("three", follows, b="y"),))], lease)
    assert await store.executions.windows() == [window("one", a="x")]
    assert await store.executions.get(before.id) == first.execution
