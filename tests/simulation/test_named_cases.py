"""What went wrong in other orchestrators, each made to happen on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest

import kapell.services.stepper as stepper
from kapell.engine import Tree
from kapell.errors import StoreError
from kapell.model.flow import Flow
from kapell.model.messages import Event, RestartAsked, SlotGiven, StateAsked, Step, TaskFinished
from kapell.model.state import State
from kapell.ports.shards import Lease
from simulation.faults import Faults
from simulation.instant import at_once, no_threads_and_no_time
from simulation.world import LEASE, World

SHELL = "type: io.kestra.plugin.scripts.shell.Script, script: x"


def flow(id: str, *tasks: str, more: str = "") -> str:
    return f"id: {id}\nnamespace: sim\n{more}tasks:\n" + "".join(f"  - {{id: {task}, {SHELL}}}\n" for task in tasks)


LONG = flow("long", "before", "stuck", "after")
SHORT = flow("short", "one", "two")
HELD = flow("held", "work", "stuck", more="concurrency: {limit: 1}\n")
BAD = flow("bad", "work", "bad", more="concurrency: {limit: 1}\n")
LATE = HELD.replace("held", "late") + "sla: [{id: quick, type: MAX_DURATION, duration: PT1M, behavior: FAIL}]\n"
HEARD = flow(
    "heard", "t", more="triggers: [{id: up, type: io.kestra.plugin.core.trigger.Flow, dependsOn: [{flowId: short}]}]\n"
)
BROKEN = flow(
    "broken", "work", more='sla: [{id: never, type: EXECUTION_ASSERTION, assert: "{{ false }}", behavior: CANCEL}]\n'
)
LOOP = f"""
id: loop
namespace: sim
tasks:
  - {{id: loop, type: io.kestra.plugin.core.flow.Loop, values: [1], tasks: [{{id: stuck, {SHELL}}}]}}
"""
TWICE = (
    LOOP.replace("id: loop\nname", "id: twice\nname")
    .replace("[1]", "[1, 2], concurrencyLimit: 2")
    .replace("{id: stuck", "{id: stuck, runIf: \"{{ item.value == '2' }}\"")
)
SOURCES = {
    "twice": TWICE,
    "broken": BROKEN,
    "loop": LOOP,
    "long": LONG,
    "short": SHORT,
    "held": HELD,
    "bad": BAD,
    "late": LATE,
    "heard": HEARD,
}


@pytest.fixture
def calm() -> Iterator[Callable[[], World]]:
    """Makes a world in which nothing goes wrong but what a test does."""

    def make() -> World:
        world = World(1, SOURCES, shards=1)
        world.faults.healed, world.failed_tasks = True, True
        return world

    loop = asyncio.new_event_loop()
    running = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(loop)
    with no_threads_and_no_time(lambda: 0.0):
        yield make
    asyncio.events._set_running_loop(running)
    loop.close()


def state(world: World, id: str, task: str) -> State | None:
    run = world.runs(id).get(task)
    return run.state if run else None


def test_a_job_of_a_killed_execution_is_not_handed_out_again(calm: Callable[[], World]) -> None:
    world = calm()
    id = world.create("long", 1)
    world.until(lambda: state(world, id, "stuck") is State.RUNNING)
    world.kill(id)
    world.until(lambda: state(world, id, "stuck") is State.KILLING)
    world.crash()
    world.until(world.is_over)
    assert world.row(id).state is State.KILLED
    assert world.claims()[f"{world.runs(id)['stuck'].id}-0"] == 1
    assert "after" not in world.runs(id)


def test_what_waits_for_a_worker_when_it_is_killed_ends_at_once(calm: Callable[[], World]) -> None:
    world = calm()
    id, begun = world.create("short", 1), world.clock.now()
    while state(world, id, "one") is not State.SUBMITTED:
        world._execute()
    world.kill(id)
    while not world.row(id).state.ended:
        world._deliver()
        world._execute()
    assert world.row(id).state is State.KILLED
    assert world.clock.now() == begun


def test_a_finished_task_is_given_to_no_further_worker(calm: Callable[[], World]) -> None:
    world = calm()
    id = world.create("short", 1)
    world.until(lambda: state(world, id, "one") is State.SUCCESS)
    for _ in range(3):
        world.crash()
        for _ in range(200):
            world.turn()
    world.until(world.is_over)
    assert world.row(id).state is State.SUCCESS
    assert world.claims()[f"{world.runs(id)['one'].id}-0"] == 1


def test_a_job_lost_between_dispatcher_and_worker_is_handed_out_again(calm: Callable[[], World]) -> None:
    world = calm()
    id = world.create("short", 1)
    while state(world, id, "one") is None:
        world._execute()
    assert world.claims().total() == 0
    world.crash()
    world.until(world.is_over)
    assert world.row(id).state is State.SUCCESS
    assert set(world.claims().values()) == {1}


def end_by_kill(world: World, id: str) -> None:
    world.kill(id)


def end_by_sla(world: World, id: str) -> None:
    world.clock.advance(timedelta(minutes=2))


def end_by_deletion(world: World, id: str) -> None:
    """There is no act for it yet: its rows go, and with the next process what was known of them."""
    at_once(world.store.executions.delete(id))
    world.witness.forget(id)
    world.crash()


@pytest.mark.parametrize(
    ("flow_id", "end"),
    [("held", end_by_kill), ("late", end_by_sla), ("held", end_by_deletion)],
    ids=["kill", "sla", "delete"],
)
def test_a_slot_is_given_back(calm: Callable[[], World], flow_id: str, end: Callable[[World, str], None]) -> None:
    world = calm()
    first = world.create(flow_id, 1)
    world.until(lambda: state(world, first, "stuck") is State.RUNNING)
    second, third = world.create(flow_id, 2), world.create(flow_id, 3)
    world.until(lambda: {world.row(id).state for id in (second, third)} == {State.QUEUED})
    end(world, first)
    world.until(lambda: sorted(world.row(id).state for id in (second, third)) == [State.QUEUED, State.RUNNING])


def test_a_slot_is_given_back_by_an_execution_that_was_restarted(calm: Callable[[], World]) -> None:
    world = calm()
    first = world.create("bad", 1)
    world.until(world.is_over)
    assert world.row(first).state is State.FAILED
    asked = RestartAsked(id="again", execution_id=first, at=world.clock.now())
    at_once(world.store.executions.send([asked]))
    world.until(lambda: world.row(first).state is State.RUNNING)
    second = world.create("bad", 2)
    world.until(lambda: world.row(second).state is State.QUEUED)
    world.until(world.is_over)
    assert world.row(second).state is State.FAILED


def test_a_slot_that_a_former_owner_has_given_is_not_taken(calm: Callable[[], World]) -> None:
    world = calm()
    first, second = world.create("held", 1), world.create("held", 2)
    world.until(lambda: State.QUEUED in {world.row(id).state for id in (first, second)})
    queued = first if world.row(first).state is State.QUEUED else second
    stale = SlotGiven(id="stale", execution_id=queued, at=world.clock.now())
    for executor in world.executors.values():
        at_once(executor.receive([stale]))
    for _ in range(300):
        world.turn()
    assert world.row(queued).state is State.QUEUED


class PausedOnce(Faults):
    """Pauses the process that makes the commit of a certain number, for longer than its lease."""

    def __init__(self, number: int) -> None:
        super().__init__(World(1, {}).chance)
        self.left = number

    def happens(self, probability: float) -> bool:
        self.left -= probability == 0.03
        return probability == 0.03 and self.left == 0


@pytest.mark.parametrize("number", range(1, 12))
def test_a_flow_trigger_is_not_fired_twice_by_two_executors(calm: Callable[[], World], number: int) -> None:
    world = calm()
    world.faults = PausedOnce(number)
    for name in world.executors:
        world._start_executor(name)
    world.clock.advance(2 * LEASE)
    id = world.create("short", 1)
    world.until(lambda: world.is_over() and bool(world.of("heard")))
    assert [one.trigger.variables["executionId"] for one in world.of("heard") if one.trigger] == [id]


def test_a_flow_that_the_engine_can_not_run_stops_nobody_else(
    calm: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = stepper.step

    def breaking(tree: Tree, event: Event, flow: Flow, **more: object) -> Step:
        if flow.id == "long" and isinstance(event, TaskFinished):
            raise RecursionError("too deep")
        return honest(tree, event, flow, **more)

    monkeypatch.setattr(stepper, "step", breaking)
    world = calm()
    poisonous, others = world.create("long", 1), [world.create("short", number) for number in range(2, 5)]
    world.until(world.is_over)
    assert world.row(poisonous).state is State.FAILED
    [line] = [line for line in at_once(world.store.logs.read(poisonous)) if line.level == "ERROR"]
    assert line.message == "The engine could not handle TaskFinished: RecursionError: too deep"
    assert {world.row(id).state for id in others} == {State.SUCCESS}


def test_what_can_not_be_stored_of_an_ended_execution_holds_up_nobody(
    calm: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = calm()
    honest = world.store.executions.apply

    async def refusing(steps: Sequence[Step], lease: Lease) -> None:
        if any(isinstance(step.event, RestartAsked) and step.changed for step in steps):
            raise StoreError("there is an execution already")
        await honest(steps, lease)

    monkeypatch.setattr(world.store.executions, "apply", refusing)
    first = world.create("bad", 1)
    world.until(world.is_over)
    second = world.create("short", 2)
    at_once(world.store.executions.send([RestartAsked(id="again", execution_id=first, at=world.clock.now())]))
    world.until(lambda: world.is_over() and world.row(second).state.ended)
    assert (world.row(first).state, world.row(second).state) == (State.FAILED, State.SUCCESS)


def test_a_killed_execution_runs_on_nowhere(calm: Callable[[], World]) -> None:
    world = calm()
    id = world.create("long", 1)
    world.until(lambda: state(world, id, "stuck") is State.RUNNING)
    assert [claim.task.job.task_id for worker in world.workers for claim in worker.claims] == ["stuck"]
    begun = world.clock.now()
    world.kill(id)
    world.until(world.is_over)
    assert world.row(id).state is State.KILLED
    assert world.clock.now() - begun < timedelta(seconds=30)
    assert [claim for worker in world.workers for claim in worker.claims] == []
    assert "after" not in world.runs(id)


def test_what_is_ordered_and_given_up_in_one_step_is_not_ordered(calm: Callable[[], World]) -> None:
    world = calm()
    id = world.create("broken", 1)
    world.until(lambda: world.row(id).state.ended)
    assert (world.row(id).state, state(world, id, "work")) == (State.CANCELLED, State.KILLED)
    assert world.is_over()
    world.crash()
    world.until(world.is_over)
    assert world.claims().total() == 0


def test_a_loop_hears_of_an_iteration_that_can_not_be_restarted(calm: Callable[[], World]) -> None:
    world = calm()
    id = world.create("loop", 1)
    world.until(lambda: any(state(world, one.id, "stuck") is State.RUNNING for one in world.rows()))
    [iteration] = [one.id for one in world.rows() if one.loop_run]
    world.kill(iteration)
    world.until(world.is_over)
    asked = StateAsked(id="so", execution_id=iteration, at=world.clock.now(), state=State.FAILED)
    at_once(world.store.executions.send([asked]))
    world.until(world.is_over)
    at_once(world.store.executions.send([RestartAsked(id="again", execution_id=id, at=world.clock.now())]))
    world.until(lambda: world.row(id).attempt_number == 2)
    world.until(world.is_over)
    assert world.row(id).state is State.FAILED


def test_an_iteration_that_ends_twice_counts_once(calm: Callable[[], World]) -> None:
    world = calm()
    id = world.create("twice", 1)
    world.until(lambda: any(state(world, one.id, "stuck") is State.RUNNING for one in world.rows()))
    [ended] = [one.id for one in world.rows() if one.loop_run and one.state.ended]
    asked = StateAsked(id="so", execution_id=ended, at=world.clock.now(), state=State.FAILED)
    again = RestartAsked(id="again", execution_id=ended, at=world.clock.now())
    for event in (asked, again):
        at_once(world.store.executions.send([event]))
        for _ in range(300):
            world.turn()
    assert state(world, id, "loop") is State.RUNNING
