"""Retries and timeouts: rows with a due time, never sleeping code."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.play import LOG, Play
from kapell.clock import ManualClock
from kapell.ids import new_id
from kapell.model.state import State

TEN = timedelta(seconds=10)


def test_a_failed_attempt_is_tried_again_when_its_interval_is_over() -> None:
    play = Play("retried.yaml").start()
    play.fail("flaky")
    assert play.state == "CREATED RUNNING FAILED RETRYING"
    assert play.waiting == []
    play.after(TEN)
    assert play.state == "CREATED RUNNING FAILED RETRYING RUNNING"
    play.finish("flaky")
    assert play.history("flaky") == ("CREATED SUBMITTED RUNNING FAILED RETRYING CREATED SUBMITTED RUNNING SUCCESS")
    assert play.waiting == ["after"]


def test_a_task_fails_when_its_attempts_are_used_up() -> None:
    play = Play("retried.yaml").start()
    for _ in range(2):
        play.fail("flaky")
        play.after(TEN)
    play.fail("flaky")
    assert play.state.endswith("RUNNING FAILED")
    run = play.tree.runs[play.tree.by_task["flaky"][0]]
    assert [attempt.state for attempt in run.attempts] == [State.FAILED] * 3


def test_nothing_happens_before_the_interval_is_over() -> None:
    play = Play("retried.yaml").start()
    play.fail("flaky")
    assert play.after(timedelta(seconds=9)) == []
    assert play.waiting == []


@pytest.mark.parametrize(
    ("retry", "delays"),
    [
        ("{type: exponential, interval: PT1S, maxInterval: PT1M, maxAttempts: 4}", [1, 2, 4]),
        ("{type: exponential, interval: PT1S, delayFactor: 3, maxInterval: PT5S, maxAttempts: 4}", [1, 3, 5]),
        ("{type: constant, interval: PT2S, maxDuration: PT5S}", [2, 2]),
    ],
)
def test_the_wait_grows_as_the_retry_says(retry: str, delays: list[int]) -> None:
    play = Play(f"id: f\nnamespace: n\ntasks:\n  - {{id: a, type: {LOG}, message: a, retry: {retry}}}\n").start()
    waited = []
    while play.jobs:
        play.fail("a")
        if play.timers:
            (timer,) = play.timers.values()
            waited.append((timer.due - play.clock.now()).total_seconds())
            play.after(timer.due - play.clock.now())
    assert waited == delays


def test_a_random_wait_is_the_same_for_the_same_attempt() -> None:
    text = (
        f"id: f\nnamespace: n\ntasks:\n  - {{id: a, type: {LOG}, message: a, "
        "retry: {type: random, minInterval: PT1S, maxInterval: PT9S, maxAttempts: 2}}\n"
    )
    dues = set()
    for _ in range(2):
        play = Play(text).start()
        play.fail("a")
        (timer,) = play.timers.values()
        dues.add(timer.due - play.clock.now())
    assert len(dues) == 1
    assert timedelta(seconds=1) <= dues.pop() <= timedelta(seconds=9)


TIMED = (
    "id: f\nnamespace: n\ntasks:\n  - {id: a, type: io.kestra.plugin.scripts.shell.Script, script: x, timeout: PT5S}\n"
)


def test_an_attempt_that_takes_too_long_is_stopped_and_has_failed() -> None:
    play = Play(TIMED).start()
    play.begin("a")
    play.after(timedelta(seconds=5))
    assert play.cancelled == ["a"]
    assert play.state == "CREATED RUNNING FAILED"
    assert "ERROR Timeout after PT5S" in play.logs


def test_a_result_that_comes_after_the_timeout_is_not_recorded() -> None:
    play = Play(TIMED).start()
    late = play.finished(play.job("a"))
    play.after(timedelta(seconds=5))
    assert not play.tell(late).changed
    assert play.history("a") == "CREATED SUBMITTED FAILED"


def test_the_timeout_of_an_attempt_that_has_ended_is_forgotten() -> None:
    play = Play(TIMED).start()
    assert len(play.timers) == 1
    play.finish("a")
    assert play.timers == {}


def test_a_new_try_sorts_after_the_one_that_it_replaces_even_within_a_millisecond() -> None:
    retry = "retry: {type: constant, interval: PT1S, behavior: CREATE_NEW_EXECUTION}"
    last = new_id(ManualClock().now(), lambda size: b"\xff" * size)
    play = Play(
        f"id: f\nnamespace: n\n{retry}\ntasks: [{{id: a, type: io.kestra.plugin.scripts.shell.Script, script: x}}]\n",
        id=last,
    )
    play.start().fail("a")
    (anew,) = play.steps[-1].children
    assert anew.execution.id > last
