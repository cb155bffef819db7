"""What a worker promises, with tasks that wait for the test's word."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from kapell.errors import StoreError
from kapell.model.flow import Task
from kapell.model.messages import TaskStarted
from kapell.model.state import State
from kapell.model.task_run import TaskRun
from kapell.sdk import Output, RunContext
from kapell.services import attempt as attempt_module
from kapell.services.worker import claim, heartbeat, speech

from .shop import SPAN, Do, Shop, find_act, play

NOW = timedelta(0)


@pytest.fixture(autouse=True)
def _acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt_module, "find_task", find_act)


class Answer(Output, frozen=True, kw_only=True):
    value: object = None


class Hold:
    """A task that has begun and waits: until it is let go, or, if it heeds it, until it is cancelled."""

    def __init__(self, heeds_cancel: bool = True) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()
        self._heeds_cancel = heeds_cancel

    def __call__(self, ctx: RunContext) -> None:
        if self._heeds_cancel:
            ctx.on_cancel(self.go.set)
        self.begun.set()
        assert self.go.wait(20)

    async def has_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 20)


def test_a_job_is_run_and_its_start_and_end_are_told() -> None:
    def work(ctx: RunContext) -> Output:
        ctx.log("INFO", "one")
        ctx.log("INFO", "two")
        ctx.metric("rows", 2)
        return Answer(value=1)

    async def test(shop: Shop) -> None:
        run = await shop.offer(work)
        (end,) = await shop.finished()
        start = shop.events[0]
        assert isinstance(start, TaskStarted)
        assert (start.task_run_id, start.attempt, start.worker_id) == (run.id, 0, "worker")
        assert (end.state, end.outputs, end.last_log) == (State.SUCCESS, {"value": 1}, 2)
        assert await shop.lines() == ["one", "two"]
        assert [metric.name for metric in await shop.logs.metrics(run.execution_id)] == ["rows"]

    play(test)


def test_the_same_attempt_told_twice_is_the_same_event() -> None:
    async def test(shop: Shop) -> None:
        run = await shop.offer(lambda ctx: None)
        await asyncio.to_thread(_until, lambda: shop.ends and not shop.worker.running)
        again = await shop.offer(lambda ctx: None)
        await shop.finished(2)
        assert run.id == again.id
        assert len({event.id for event in shop.events}) == 2

    play(test)


def test_no_more_attempts_run_at_a_time_than_there_are_threads() -> None:
    async def test(shop: Shop) -> None:
        holds = [Hold() for _ in range(3)]
        for number, hold in enumerate(holds):
            await shop.offer(hold, f"task{number}")
        await holds[0].has_begun()
        await holds[1].has_begun()
        assert shop.worker.running == 2
        assert not holds[2].begun.is_set()
        holds[0].go.set()
        await holds[2].has_begun()
        for hold in holds:
            hold.go.set()
        await shop.finished(3)

    play(test, threads=2)


def test_lines_are_stored_while_the_task_runs() -> None:
    async def test(shop: Shop) -> None:
        hold = Hold()

        def work(ctx: RunContext) -> None:
            ctx.log("INFO", "at work")
            hold(ctx)

        await shop.offer(work)
        await shop.until(lambda: bool(shop.logs.batches))
        assert shop.ends == []
        assert await shop.lines() == ["at work"]
        hold.go.set()
        await shop.finished()

    play(test)


def test_a_thousand_lines_are_stored_in_few_batches_and_in_order() -> None:
    async def test(shop: Shop) -> None:
        await shop.offer(lambda ctx: [ctx.log("INFO", str(n)) for n in range(1000)] and None)
        (end,) = await shop.finished()
        assert end.last_log == 1000
        assert await shop.lines() == [str(n) for n in range(1000)]
        assert len(shop.logs.batches) <= 11

    play(test)


def test_a_task_that_talks_faster_than_the_store_writes_is_held_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "ROOM_BYTES", 100_000)
    said: list[int] = []

    def talk(ctx: RunContext) -> None:
        for number in range(2000):
            ctx.log("INFO", "x" * 700)
            said.append(number)

    async def test(shop: Shop) -> None:
        opened = asyncio.Event()
        shop.logs.gate = opened.wait
        await shop.offer(talk)
        hold = Hold()
        await shop.offer(hold, "other")
        await hold.has_begun()
        # Full: what is being stored and what waits, 100 lines each, and the one that is held up.
        await asyncio.to_thread(_until, lambda: len(said) >= 200)
        assert len(said) <= 202
        opened.set()
        hold.go.set()
        await shop.finished(2)
        assert len(await shop.lines()) == 2000
        assert max(shop.logs.batches) <= 101

    play(test)


def _until(met: Callable[[], object]) -> None:
    """Wait in a thread for what another thread does."""
    tick = threading.Event()
    for _ in range(20_000):
        if met():
            return
        tick.wait(0.001)
    raise AssertionError("it never happened")


def test_a_cancelled_attempt_is_told_killed() -> None:
    async def test(shop: Shop) -> None:
        hold = Hold()
        run = await shop.offer(hold)
        await hold.has_begun()
        await shop.cancel(run)
        (end,) = await shop.finished()
        assert (end.task_run_id, end.state) == (run.id, State.KILLED)

    play(test)


def test_a_plugin_that_is_slow_to_stop_holds_up_nobody_else() -> None:
    async def test(shop: Shop) -> None:
        stopping, may_stop = threading.Event(), threading.Event()
        hold = Hold()

        def slow_to_stop(ctx: RunContext) -> None:
            ctx.on_cancel(lambda: stopping.set() or may_stop.wait(20))
            hold(ctx)

        await shop.cancel(await begun(shop, slow_to_stop, hold))
        assert await asyncio.to_thread(stopping.wait, 20)
        await shop.offer(lambda ctx: None, "other")
        assert [end.state for end in await shop.finished()] == [State.SUCCESS]
        may_stop.set()
        await shop.finished(2)

    play(test)


async def begun(shop: Shop, do: Do, hold: Hold) -> TaskRun:
    run = await shop.offer(do)
    await hold.has_begun()
    return run


def test_cancelling_one_attempt_leaves_the_others_alone() -> None:
    async def test(shop: Shop) -> None:
        first, second = Hold(), Hold()
        await shop.offer(first, "first")
        run = await shop.offer(second, "second")
        await second.has_begun()
        await shop.cancel(run)
        ends = await shop.finished()
        assert [end.state for end in ends] == [State.KILLED]
        first.go.set()
        assert [end.state for end in await shop.finished(2)] == [State.KILLED, State.SUCCESS]

    play(test, threads=2)


def test_a_thread_that_does_not_end_is_abandoned_and_not_heard_any_more() -> None:
    async def test(shop: Shop) -> None:
        hold = Hold(heeds_cancel=False)
        over = threading.Event()

        def deaf(ctx: RunContext) -> None:
            hold(ctx)
            ctx.log("INFO", "too late")
            over.set()

        run = await shop.offer(deaf)
        await hold.has_begun()
        await shop.cancel(run)
        (end,) = await shop.finished()
        assert end.state is State.KILLED
        hold.go.set()
        assert await asyncio.to_thread(over.wait, 20)
        await shop.offer(lambda ctx: ctx.log("INFO", "next"), "next")
        await shop.finished(2)
        assert await shop.lines() == ["next"]
        assert shop.worker.abandoned == 1
        assert not shop.worker.worn_out

    play(test, cancel_grace=NOW)


def test_a_worker_that_lost_too_many_threads_claims_no_more_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "MOST_ABANDONED", 2)

    async def test(shop: Shop) -> None:
        holds = [Hold(heeds_cancel=False) for _ in range(2)]
        for number, hold in enumerate(holds):
            run = await shop.offer(hold, f"task{number}")
            await hold.has_begun()
            await shop.cancel(run)
        await shop.ended()
        assert shop.worker.worn_out
        await shop.offer(lambda ctx: None, "left")
        assert len(await shop.queue.claim("other", "", 1, shop.clock.now(), SPAN)) == 1
        for hold in holds:
            hold.go.set()

    play(test, cancel_grace=NOW)


def test_a_worker_that_stops_finishes_what_it_has() -> None:
    async def test(shop: Shop) -> None:
        hold = Hold()
        await shop.offer(hold)
        await hold.has_begun()
        stopping = asyncio.create_task(shop.worker.stop(SPAN))
        await shop.offer(lambda ctx: None, "next")
        hold.go.set()
        await stopping
        await shop.ended()
        assert [end.state for end in shop.ends] == [State.SUCCESS]
        (claimed,) = await shop.queue.claim("other", "", 9, shop.clock.now(), SPAN)
        assert claimed.task.job.task_id == "next"

    play(test)


def test_a_worker_told_to_stop_before_it_began_takes_nothing() -> None:
    async def test(shop: Shop) -> None:
        await shop.worker.stop(NOW)
        await shop.offer(lambda ctx: None)
        await shop.ended()
        assert shop.events == []

    play(test)


def test_a_job_of_a_task_that_has_gone_names_it() -> None:
    async def test(shop: Shop) -> None:
        await shop.offer(lambda ctx: None, "other")
        shop.tasks[0] = Task(id="renamed", type="com.acme.Act")
        (end,) = await shop.finished()
        assert end.error == "company.team.hello has no task other in revision 1"

    play(test)


def test_what_is_not_finished_in_time_is_handed_back() -> None:
    async def test(shop: Shop) -> None:
        hold = Hold()
        run = await shop.offer(hold)
        await hold.has_begun()
        await shop.worker.stop(NOW)
        await shop.ended()
        assert shop.ends == []
        (claimed,) = await shop.queue.claim("other", "", 9, shop.clock.now(), SPAN)
        assert claimed.task.job.task_run_id == run.id

    play(test)


def test_a_job_that_others_have_got_is_stopped_and_not_told() -> None:
    async def test(shop: Shop) -> None:
        hold = Hold()
        await shop.offer(hold)
        await hold.has_begun()
        shop.clock.advance(2 * SPAN)
        (claimed,) = await shop.queue.claim("other", "", 1, shop.clock.now(), SPAN)
        await heartbeat.beat(shop.queue, "worker", shop.worker.runs, shop.clock.now(), SPAN)
        assert await asyncio.to_thread(hold.go.wait, 20)
        await shop.offer(lambda ctx: None, "next")
        assert [end.task_run_id for end in await shop.finished()] != [claimed.task.job.task_run_id]

    play(test)


def test_what_the_store_refuses_for_a_while_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(shop: Shop) -> None:
        failures = [StoreError("disk full"), StoreError("disk full")]

        async def gate() -> None:
            if failures:
                raise failures.pop()

        shop.logs.gate = gate
        shop.report_errors = [StoreError("disk full"), StoreError("disk full")]
        await shop.offer(lambda ctx: ctx.log("INFO", "kept"))
        await shop.finished()
        assert await shop.lines() == ["kept"]
        assert [type(event).__name__ for event in shop.events] == ["TaskStarted", "TaskFinished"]

    play(test)


def test_a_result_that_can_never_be_stored_fails_the_task() -> None:
    async def test(shop: Shop) -> None:
        hold = Hold()
        await shop.offer(hold)
        await shop.until(lambda: bool(shop.events))
        shop.report_errors = [ValueError("odd output")]
        hold.go.set()
        (end,) = await shop.finished()
        assert (end.state, end.error) == (State.FAILED, "the result could not be stored: odd output")

    play(test)


def test_lines_that_can_never_be_stored_are_lost_and_the_task_is_not() -> None:
    async def test(shop: Shop) -> None:
        async def gate() -> None:
            raise ValueError("odd line")

        shop.logs.gate = gate
        await shop.offer(lambda ctx: ctx.log("INFO", "odd"))
        (end,) = await shop.finished()
        assert end.state is State.SUCCESS

    play(test)


def test_a_job_of_a_flow_that_has_gone_fails_and_its_log_says_why() -> None:
    async def test(shop: Shop) -> None:
        run = await shop.offer(lambda ctx: None)
        shop.tasks.clear()
        (end,) = await shop.finished()
        assert (end.task_run_id, end.state, end.error) == (run.id, State.FAILED, "There is no such flow")
        assert await shop.lines() == ["There is no such flow"]

    play(test)


def test_a_log_file_that_can_not_be_stored_is_lost_and_its_task_has_succeeded() -> None:
    async def test(shop: Shop) -> None:
        await shop.offer(lambda ctx: ctx.log("INFO", "one"), log_to_file=True)
        (end,) = await shop.finished()
        assert (end.state, end.log_file, end.last_log) == (State.SUCCESS, None, 1)
        assert await shop.lines() == []

    play(test)
