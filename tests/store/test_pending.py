"""What an execution waits for, read in one moment: its open runs, jobs, timers, events and children."""

from __future__ import annotations

from factories import MINUTE, NOW, child, created, execution, idle, job, kill_asked, step, task_run, timer
from kapell.model.execution import Execution
from kapell.model.explanation import Pending
from kapell.model.messages import Step
from kapell.model.state import State
from kapell.ports.store import Store
from lease import all_shards


async def insert(store: Store, *executions: Execution) -> None:
    """Executions whose beginning nobody waits for any more."""
    new = [created(one) for one in executions]
    await store.executions.create(new)
    await apply(store, *(idle(one.execution, one.event) for one in new))


async def apply(store: Store, *steps: Step) -> None:
    await store.executions.apply(steps, await all_shards(store))


async def pending(store: Store, of: Execution) -> Pending:
    found = await store.executions.pending(of.id)
    assert found is not None
    return found


async def test_of_what_is_not_there_nothing_is_pending(store: Store) -> None:
    assert await store.executions.pending("nothing") is None


async def test_an_execution_that_was_created_waits_for_its_first_event(store: Store) -> None:
    new = created()
    await store.executions.create([new])
    assert await pending(store, new.execution) == Pending(execution=new.execution, events=(new.event,))


async def test_runs_that_ended_well_are_not_pending(store: Store) -> None:
    before = execution()
    await insert(store, before)
    states = [State.SUCCESS, State.RUNNING, State.SKIPPED, State.FAILED, State.WARNING, State.CREATED]
    runs = [task_run(before, f"t{number}", number=number, state=state) for number, state in enumerate(states)]
    await apply(store, step(before, runs=tuple(reversed(runs))))
    assert [run.task_id for run in (await pending(store, before)).runs] == ["t1", "t3", "t4", "t5"]


async def test_jobs_are_pending_until_they_are_done(store: Store) -> None:
    before = execution()
    await insert(store, before)
    run = task_run(before, state=State.RUNNING)
    first = step(before, runs=(run,), jobs=(job(run),))
    await apply(store, first)
    assert (await pending(store, before)).jobs == (job(run),)
    await apply(store, step(first.execution, done_jobs=(job(run).id,)))
    assert (await pending(store, before)).jobs == ()


async def test_pending_timers_come_in_the_order_in_which_they_are_due(store: Store) -> None:
    before, other = execution(), execution()
    await insert(store, before, other)
    late, early = timer(before, due=NOW + 2 * MINUTE), timer(before, due=NOW + MINUTE)
    first = step(before, timers=(late, early))
    await apply(store, first, step(other, timers=(timer(other),)))
    assert (await pending(store, before)).timers == (early, late)
    await apply(store, step(first.execution, dropped_timers=(early.id,)))
    assert (await pending(store, before)).timers == (late,)


async def test_events_are_pending_until_a_commit_absorbs_them(store: Store) -> None:
    before, other = execution(), execution()
    await insert(store, before, other)
    first, second = kill_asked(before), kill_asked(before)
    await store.executions.send([first, kill_asked(other), second])
    assert (await pending(store, before)).events == (first, second)
    await apply(store, step(before, first))
    assert (await pending(store, before)).events == (second,)


async def test_children_are_pending_until_they_have_ended(store: Store) -> None:
    before = execution()
    own, ended = child(before), child(before)
    await insert(store, before, own, ended, child(own), execution())
    await apply(store, step(ended, to=State.FAILED))
    assert (await pending(store, before)).children == (own,)


async def test_a_child_that_has_ended_is_pending_while_an_event_waits_for_it(store: Store) -> None:
    before = execution()
    ended = child(before)
    await insert(store, before, ended)
    over = step(ended, to=State.FAILED)
    await apply(store, over)
    await store.executions.send([kill_asked(ended)])
    assert (await pending(store, before)).children == (over.execution,)
