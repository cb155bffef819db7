"""Ending an execution before its time, and what poison does."""

from __future__ import annotations

from datetime import timedelta

from engine.play import Play
from kapell.model.messages import Poisoned
from kapell.model.state import State


def test_a_killed_execution_waits_for_the_workers_word_and_starts_no_further_task() -> None:
    play = Play("nested.yaml").start()
    play.begin("left")
    play.kill()
    assert play.state == "CREATED RUNNING KILLING"
    assert sorted(play.cancelled) == ["last", "left", "one"]
    for task in ("left", "last", "one"):
        play.finish(task, State.KILLED)
    assert play.state == "CREATED RUNNING KILLING KILLED"
    assert "two" not in play.tree.by_task
    assert play.waiting == ["report"]


def test_neither_errors_nor_finally_run_after_a_kill() -> None:
    play = Play("nested.yaml").start()
    play.kill()
    for task in ("left", "last", "one"):
        play.finish(task, State.KILLED)
    assert not {"alert", "inner", "tidy"} & set(play.tree.by_task)


def test_a_task_that_still_succeeds_keeps_its_success() -> None:
    play = Play("nested.yaml").start()
    play.kill()
    play.finish("left")
    assert play.history("left").endswith("KILLING SUCCESS")


def test_a_worker_that_says_nothing_is_not_waited_for_longer_than_the_grace() -> None:
    play = Play("nested.yaml").start()
    play.kill()
    play.after(timedelta(seconds=31))
    assert play.state == "CREATED RUNNING KILLING KILLED"


def test_a_task_that_waits_for_its_retry_is_killed_at_once() -> None:
    play = Play("retried.yaml").start()
    play.fail("flaky")
    play.kill()
    assert play.state == "CREATED RUNNING FAILED RETRYING KILLING KILLED"
    play.after(timedelta(minutes=1))
    assert play.waiting == []


def test_killing_what_has_ended_changes_nothing() -> None:
    play = Play("retried.yaml").start()
    play.finish("flaky")
    play.finish("after")
    assert not play.kill().changed


def test_poison_ends_the_execution_failed_and_says_why() -> None:
    play = Play("nested.yaml").start()
    play.tell(Poisoned(id="p", execution_id=play.tree.execution.id, at=play.clock.now(), error="the engine gave up"))
    assert play.state == "CREATED RUNNING FAILED"
    assert "ERROR the engine gave up" in play.logs
    assert all(run.state.ended for run in play.tree.runs.values())
