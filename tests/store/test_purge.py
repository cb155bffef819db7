"""What the purge tasks ask of a store: what has ended and rests goes, in batches, and nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from factories import MINUTE, NOW, SECOND, child, created, execution, kill_asked, line, metric, step, task_run
from kapell.model.execution import Execution, Kind, StateChange
from kapell.model.log import Level
from kapell.model.state import State
from kapell.ports.executions import FlowCount, Search
from kapell.ports.logs import Chosen, Removed
from kapell.ports.store import Store
from lease import all_shards

HOUR = timedelta(hours=1)


def ended(state: State = State.SUCCESS, *, at: datetime = NOW, ended: datetime = NOW, **given: object) -> Execution:
    """An execution that began `at` an instant and has `ended`."""
    return execution(state, history=(StateChange(State.CREATED, at), StateChange(state, ended)), **given)


async def insert(store: Store, *executions: Execution) -> None:
    """Have them there with nothing in their inboxes, as after their last step."""
    for one in executions:
        new = created(one)
        await store.executions.create([new])
        await store.executions.apply([step(one, new.event)], await all_shards(store))


async def found(store: Store, **search: object) -> list[str]:
    return [one.id for one in await store.executions.search(Search(**search))]


async def test_executions_are_found_by_when_they_began_and_ended(store: Store) -> None:
    short, long = ended(), ended(ended=NOW + HOUR)
    young, running = ended(at=NOW + HOUR, ended=NOW + HOUR), execution(State.RUNNING)
    await insert(store, short, long, young, running)
    assert await found(store, ended_by=NOW) == [short.id]
    assert await found(store, ended_by=NOW + HOUR, created_to=NOW) == [long.id, short.id]
    assert await found(store, created_from=NOW + SECOND) == [young.id]
    assert await found(store, created_to=NOW - SECOND) == []
    assert await found(store, ended_by=NOW + HOUR, states=(State.RUNNING,)) == []


async def test_an_end_is_known_after_a_step_and_forgotten_after_a_restart(store: Store) -> None:
    before = execution()
    await insert(store, before)
    first = step(await store.executions.get(before.id) or before, to=State.FAILED)
    await store.executions.apply([first], await all_shards(store))
    assert await found(store, ended_by=NOW) == [before.id]
    await store.executions.apply([step(first.execution, to=State.RESTARTED)], await all_shards(store))
    assert await found(store, ended_by=NOW) == []


@pytest.mark.parametrize("instant", [datetime.min, datetime.max])
async def test_no_instant_is_too_far(store: Store, instant: datetime) -> None:
    one = ended()
    await insert(store, one)
    at = instant.replace(tzinfo=NOW.tzinfo)
    everything = [one.id]
    assert await found(store, created_from=at) == (everything if at < NOW else [])
    assert await found(store, ended_by=at, created_to=at) == (everything if at > NOW else [])


async def test_executions_are_found_by_labels_and_by_whether_another_started_them(store: Store) -> None:
    plain, blue = execution(), execution(labels={"colour": "blue", 'a"b': "$c"})
    started = child(plain)
    replayed = execution(parent_id=plain.id)
    await insert(store, plain, blue, started, replayed)
    assert await found(store, labels={"colour": "blue"}) == [blue.id]
    assert await found(store, labels={"colour": "blue", 'a"b': "$c"}) == [blue.id]
    assert await found(store, labels={"colour": "red"}) == []
    assert await found(store, child=True) == [started.id]
    assert await found(store, child=False) == [replayed.id, blue.id, plain.id]


async def test_the_flow_of_one_namespace_is_not_that_of_another_below(store: Store) -> None:
    here, below = execution(), execution(namespace="company.team.sub")
    await insert(store, here, below)
    assert await found(store, namespace="company.team", flow_id="hello") == [here.id]
    assert await found(store, namespace="company.team") == [below.id, here.id]


async def test_what_has_started_or_is_repeated_by_one_that_runs_is_not_settled(store: Store) -> None:
    caller, old, done = ended(), ended(), ended()
    await insert(store, caller, old, done)
    await insert(
        store,
        child(caller, state=State.RUNNING),
        execution(State.PAUSED, parent_id=old.id),
        child(done, state=State.SUCCESS),
    )
    assert caller.id not in (settled := await found(store, settled=True))
    assert old.id not in settled
    assert done.id in settled


async def test_settled_are_those_whose_first_has_ended_too(store: Store) -> None:
    alone, failed, test = ended(), ended(State.FAILED), ended(kind=Kind.TEST)
    running = execution(State.RUNNING)
    early = ended(root_id=running.id, parent_id=running.id)
    orphan = ended(root_id="gone")
    loop = ended(kind=Kind.LOOP, root_id=alone.id, parent_id=alone.id)
    await insert(store, alone, failed, test, running, early, orphan, loop)
    assert await found(store, settled=True) == [orphan.id, test.id, failed.id, alone.id]
    assert await found(store, settled=True, states=(State.FAILED, State.RUNNING)) == [failed.id]
    assert await found(store, settled=True, before=failed.id, limit=1) == [alone.id]


async def test_they_are_counted_by_flow(store: Store) -> None:
    await insert(
        store,
        ended(),
        ended(at=NOW + HOUR, ended=NOW + HOUR),
        execution(State.RUNNING),
        ended(State.FAILED, flow_id="other"),
        ended(namespace="elsewhere"),
        ended(kind=Kind.TEST),
    )
    count = store.executions.count
    hello, other = FlowCount("company.team", "hello", 3), FlowCount("company.team", "other", 1)
    assert await count(Search()) == [hello, other, FlowCount("elsewhere", "hello", 1)]
    assert await count(Search(namespace="company", limit=1, before="x")) == [hello, other]
    assert await count(Search(states=(State.FAILED, State.RUNNING))) == [FlowCount("company.team", "hello", 1), other]
    assert await count(Search(created_from=NOW + HOUR)) == [FlowCount("company.team", "hello", 1)]
    assert await count(Search(created_from=NOW, states=(State.RUNNING,))) == [FlowCount("company.team", "hello", 1)]
    assert await count(Search(flow_id="other", namespace="company.team", ended_by=NOW)) == [other]
    assert await count(Search(flow_id="none")) == []


async def test_a_tree_is_an_execution_with_its_descendants(store: Store) -> None:
    first = ended()
    loop, called = child(first, kind=Kind.LOOP), child(first)
    inner, called_by_loop = child(loop, kind=Kind.LOOP), child(loop)
    other = ended()
    await insert(store, first, loop, called, inner, called_by_loop, other)

    async def tree(*ids: str, loops: bool = False) -> list[str]:
        return [one.id for one in await store.executions.tree(ids, loops=loops)]

    assert await tree(first.id) == [first.id, loop.id, called.id, inner.id, called_by_loop.id]
    assert await tree(first.id, "nothing", other.id, loops=True) == [first.id, loop.id, inner.id, other.id]
    assert await tree() == []


async def test_purged_executions_are_gone_with_their_loops_and_their_lines_stay(store: Store) -> None:
    first, kept = ended(), ended()
    loop, called = ended(kind=Kind.LOOP, root_id=first.id, parent_id=first.id), ended(parent_id=first.id)
    await insert(store, first, loop, called, kept)
    run = task_run(first, state=State.SUCCESS)
    held = await store.executions.get(first.id) or first
    added = step(held, runs=(run,), outputs={run.id: {"n": 1}}, logs=(line(run),), metrics=(metric(run),))
    await store.executions.apply([added], await all_shards(store))
    assert await store.executions.resting([first.id, "nothing", kept.id]) == [first.id, kept.id]
    assert await store.executions.purge([first.id, "nothing"]) == [first.id]
    assert await found(store, loops=True) == [called.id, kept.id]
    assert await store.executions.task_runs(first.id) == await store.executions.journal(loop.id) == []
    assert await store.executions.outputs([run.id]) == {}
    assert await store.logs.read(first.id) == [line(run)]
    assert await store.logs.metrics(first.id) == [metric(run)]


async def test_what_does_not_rest_is_not_purged(store: Store) -> None:
    running, unfinished, asked, looping = execution(State.RUNNING), ended(), ended(), ended()
    loop = execution(State.RUNNING, kind=Kind.LOOP, root_id=looping.id, parent_id=looping.id)
    await insert(store, running, unfinished, asked, looping, loop)
    held = await store.executions.get(unfinished.id) or unfinished
    after_it = step(held, runs=(task_run(unfinished, "after", state=State.RUNNING),))
    await store.executions.apply([after_it], await all_shards(store))
    await store.executions.send([kill_asked(asked)])
    ids = [running.id, unfinished.id, asked.id, looping.id]
    assert await store.executions.resting(ids) == await store.executions.purge(ids) == []
    assert await found(store, loops=True) == [loop.id, *reversed(ids)]


async def test_lines_and_metrics_of_executions_are_removed_a_part_at_a_time(store: Store) -> None:
    one, two, other = (task_run(execution()) for _ in range(3))
    lines = [line(run, number=number) for run in (one, two, other) for number in (1, 2)]
    await store.logs.append(lines, [metric(one), metric(two), metric(other)])
    ids = [one.execution_id, two.execution_id]
    assert await store.logs.remove(ids, 3) == Removed(lines=3, metrics=2)
    assert await store.logs.remove(ids, 3, metrics=False) == Removed(lines=1)
    assert await store.logs.remove(ids, 3) == Removed()
    assert await store.logs.read(other.execution_id) == lines[4:]
    assert await store.logs.remove([other.execution_id], 9, lines=False) == Removed(metrics=1)
    assert len(await store.logs.read(other.execution_id)) == 2


async def swept(store: Store, limit: int, **chosen: object) -> int:
    """Purge lines and metrics until all has been seen; how many went, each sweep keeping to its limit."""
    total = 0
    for sweep in (store.logs.purge_lines, store.logs.purge_metrics):
        after: str | None = ""
        while after is not None:
            done = await sweep(Chosen(**chosen), after, limit)
            assert done.count <= limit
            total, after = total + done.count, done.after
    return total


@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize(
    ("chosen", "lines", "metrics"),
    [
        ({"until": NOW}, ["late", "below"], 1),
        ({"until": NOW - SECOND}, ["early", "warn", "late", "below"], 3),
        ({"since": NOW + SECOND}, ["early", "warn"], 2),
        ({"levels": (Level.WARN, Level.ERROR)}, ["early", "late", "below"], 3),
        ({"namespace": "company"}, [], 0),
        ({"namespace": "company.team.sub"}, ["early", "warn", "late"], 2),
        ({"namespace": "company.team", "flow_id": "hello"}, ["below"], 1),
        ({"flow_id": "another"}, ["early", "warn", "late", "below"], 3),
        ({"namespace": "company_team"}, ["early", "warn", "late", "below"], 3),
    ],
)
async def test_lines_and_metrics_are_purged_by_flow_level_and_time(
    store: Store, chosen: dict[str, object], lines: list[str], metrics: int, limit: int
) -> None:
    early, late, below = (task_run(execution()) for _ in range(3))
    said = [
        line(early, "early", number=1),
        line(early, "warn", number=2, level=Level.WARN),
        line(late, "late", at=NOW + MINUTE),
        line(below, "below", at=NOW + HOUR, namespace="company.team.sub"),
    ]
    measured = [metric(early), metric(late), metric(below, at=NOW + HOUR, namespace="company.team.sub")]
    await store.logs.append(said, measured)
    gone = await swept(store, limit, **chosen)
    left = [one.message for run in (early, late, below) for one in await store.logs.read(run.execution_id)]
    kept = sum([len(await store.logs.metrics(run.execution_id)) for run in (early, late, below)])
    assert (left, kept) == (lines, metrics)
    assert gone == len(said) + len(measured) - len(left) - kept


async def test_lines_of_one_execution_are_purged_alone(store: Store) -> None:
    one, other = task_run(execution()), task_run(execution())
    await store.logs.append([line(one, number=number) for number in (1, 2, 3)] + [line(other)], [metric(one)])
    assert await swept(store, 2, execution_id=one.execution_id) == 4
    assert len(await store.logs.read(other.execution_id)) == 1
