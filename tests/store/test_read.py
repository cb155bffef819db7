"""Reading executions: one, its parts, a page of them, what is unfinished, what is due."""

from __future__ import annotations

from factories import MINUTE, NOW, SECOND, child, created, execution, idle, job, step, task_run, timer
from kapell.model.execution import Execution, Kind
from kapell.model.messages import Step
from kapell.model.state import State
from kapell.ports.executions import Search
from kapell.ports.shards import Lease, shard_of
from kapell.ports.store import Store
from lease import all_shards


async def insert(store: Store, *executions: Execution) -> None:
    await store.executions.create([created(one) for one in executions])


async def apply(store: Store, *steps: Step) -> None:
    await store.executions.apply(steps, await all_shards(store))


async def listed(store: Store, **search: object) -> list[str]:
    return [found.id for found in await store.executions.search(Search(**search))]


async def test_what_is_not_there_is_none_or_empty(store: Store) -> None:
    assert await store.executions.get("nothing") is None
    assert await store.executions.load("nothing") is None
    assert await store.executions.task_runs("nothing") == []
    assert await store.executions.journal("nothing") == []
    assert await store.executions.outputs(["nothing"]) == {}
    assert await store.executions.search(Search()) == []
    assert await store.executions.unfinished(await all_shards(store), None, 10) == []
    assert await store.executions.delete("nothing") is False


async def test_outputs_are_those_asked_for(store: Store) -> None:
    before = execution()
    await insert(store, before)
    runs = [task_run(before, f"t{number}", number=number) for number in range(3)]
    await apply(store, step(before, runs=tuple(runs), outputs={run.id: {"id": run.task_id} for run in runs[:2]}))
    found = await store.executions.outputs([runs[1].id, runs[2].id])
    assert found == {runs[1].id: {"id": "t1"}}


async def test_a_page_begins_with_the_newest_and_goes_on_before_its_last(store: Store) -> None:
    all_ = [execution() for _ in range(5)]
    await insert(store, *all_)
    ids = [one.id for one in reversed(all_)]
    assert await listed(store, limit=2) == ids[:2]
    assert await listed(store, limit=2, before=ids[1]) == ids[2:4]
    assert await listed(store, before=ids[-1]) == []


async def test_a_namespace_is_a_prefix_by_dots(store: Store) -> None:
    names = ["company", "company.team", "company.team.sub", "company.teams", "company.team-a", "other"]
    all_ = {name: execution(namespace=name) for name in names}
    await insert(store, *all_.values())
    assert await listed(store, namespace="company.team") == [all_["company.team.sub"].id, all_["company.team"].id]


async def test_a_namespace_is_taken_literally(store: Store) -> None:
    await insert(store, execution(namespace="company.team"))
    assert await listed(store, namespace="company_team") == await listed(store, namespace="%") == []


async def test_everything_that_is_asked_must_hold(store: Store) -> None:
    running = execution(State.RUNNING, flow_id="a")
    await insert(
        store,
        running,
        execution(flow_id="a"),
        execution(State.RUNNING, flow_id="b"),
        execution(State.RUNNING, flow_id="a", tenant="other"),
        execution(State.RUNNING, flow_id="a", namespace="elsewhere"),
    )
    assert await listed(store, flow_id="a", states=(State.RUNNING,), namespace="company.team") == [running.id]


async def test_states_are_alternatives_live_and_ended_alike(store: Store) -> None:
    by_state = {state: execution(state) for state in (State.CREATED, State.RUNNING, State.SUCCESS, State.FAILED)}
    await insert(store, *by_state.values())
    for states in ((State.RUNNING,), (State.SUCCESS, State.FAILED), (State.CREATED, State.FAILED)):
        assert await listed(store, states=states) == [by_state[state].id for state in reversed(states)]


async def test_a_search_sees_the_state_after_the_last_commit(store: Store) -> None:
    before = execution()
    await insert(store, before)
    await apply(store, step(before, to=State.RUNNING))
    assert await listed(store, states=(State.CREATED,)) == []
    assert await listed(store, states=(State.RUNNING,)) == [before.id]


async def test_children_are_found_by_their_parent(store: Store) -> None:
    parent = execution()
    mine = child(parent)
    await insert(store, parent, mine, child(execution()))
    assert await listed(store, parent_id=parent.id) == [mine.id]


async def test_only_normal_executions_are_listed_and_loops_if_asked_for(store: Store) -> None:
    kinds = {kind: execution(kind=kind) for kind in Kind}
    await insert(store, *kinds.values())
    assert await listed(store) == [kinds[Kind.NORMAL].id]
    assert await listed(store, loops=True) == [kinds[Kind.LOOP].id, kinds[Kind.NORMAL].id]


async def test_unfinished_are_those_that_have_not_ended_page_by_page(store: Store) -> None:
    all_ = [execution() for _ in range(4)]
    await insert(store, *all_)
    await apply(store, step(all_[1], to=State.FAILED))
    lease = await all_shards(store)
    assert await store.executions.unfinished(lease, None, 2) == [all_[0].id, all_[2].id]
    assert await store.executions.unfinished(lease, all_[2].id, 2) == [all_[3].id]


async def test_a_restarted_execution_is_unfinished_again(store: Store) -> None:
    before = execution()
    await insert(store, before)
    ended = step(before, to=State.FAILED)
    await apply(store, ended)
    await apply(store, step(ended.execution, to=State.RESTARTED))
    assert await store.executions.unfinished(await all_shards(store), None, 2) == [before.id]


async def test_ended_executions_that_have_a_job_left_are_trailing(store: Store) -> None:
    at_work, resting, behind = (execution() for _ in range(3))
    await insert(store, at_work, resting, behind)
    jobs = {one.id: job(task_run(one)) for one in (at_work, behind)}
    ended = step(behind, to=State.SUCCESS, jobs=(jobs[behind.id],))
    await apply(store, step(at_work, jobs=(jobs[at_work.id],)), step(resting, to=State.SUCCESS), ended)
    lease = await all_shards(store)
    assert await store.executions.trailing(lease) == [behind.id]
    others = {n: 1 for n in range(store.shards.count) if n != shard_of(behind.id, store.shards.count)}
    assert await store.executions.trailing(Lease(owner="one", epochs=others)) == []
    await apply(store, step(ended.execution, done_jobs=(jobs[behind.id].id,)))
    assert await store.executions.trailing(lease) == []


async def test_children_are_unfinished_in_the_shard_of_their_root(store: Store) -> None:
    root = execution()
    mine = child(root)
    await insert(store, root, mine)
    shard = shard_of(root.id, store.shards.count)
    assert await store.executions.unfinished(Lease(owner="one", epochs={shard: 1}), None, 9) == [root.id, mine.id]
    others = {n: 1 for n in range(store.shards.count) if n != shard}
    assert await store.executions.unfinished(Lease(owner="one", epochs=others), None, 9) == []


async def test_timers_come_when_due_the_first_due_first(store: Store) -> None:
    before = execution()
    await insert(store, before)
    late, early, middle = (timer(before, due=NOW + minutes * MINUTE) for minutes in (3, 1, 2))
    lease = await all_shards(store)
    await apply(store, step(before, timers=(late, early, middle)))
    assert await store.executions.timers(lease, NOW + 2 * MINUTE - SECOND, 10) == [early]
    assert await store.executions.timers(lease, NOW + 2 * MINUTE, 10) == [early, middle]
    assert await store.executions.timers(lease, NOW + 9 * MINUTE, 2) == [early, middle]
    assert await store.executions.next_due(lease) == early.due


async def test_a_timer_stays_until_a_step_drops_it(store: Store) -> None:
    before = execution()
    await insert(store, before)
    lease, set_ = await all_shards(store), timer(before)
    first = step(before, timers=(set_,))
    await apply(store, first)
    assert await store.executions.timers(lease, set_.due, 10) == await store.executions.timers(lease, set_.due, 10)
    await apply(store, step(first.execution, dropped_timers=(set_.id,)))
    assert await store.executions.timers(lease, set_.due, 10) == []
    assert await store.executions.next_due(lease) is None


async def test_timers_of_other_shards_are_not_due_here(store: Store) -> None:
    before = execution()
    await insert(store, before)
    await apply(store, step(before, timers=(timer(before),)))
    shard = shard_of(before.id, store.shards.count)
    others = Lease(owner="one", epochs={n: 1 for n in range(store.shards.count) if n != shard})
    assert await store.executions.timers(others, NOW + 9 * MINUTE, 10) == []
    assert await store.executions.next_due(others) is None


async def test_a_step_that_changes_nothing_leaves_the_list_as_it_was(store: Store) -> None:
    before = execution()
    await insert(store, before)
    await apply(store, idle(before))
    assert await store.executions.search(Search()) == [before]
