"""Why an execution waits: one row for each situation, played by hand, with what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest

from engine.waiting import (
    ID,
    SECOND,
    WORK,
    Watched,
    after_the_end,
    asked,
    asked_for_a_while,
    asleep,
    batching,
    begun,
    between_turns,
    calling,
    event,
    filling,
    flow,
    held,
    inline,
    killed,
    looping,
    not_begun,
    offered,
    queued,
    retried,
    scheduled,
    started,
    told,
)
from kapell.engine.explain import TOLD, explain
from kapell.model.explanation import Explanation, Line, WaitKind
from kapell.model.messages import (
    Event,
    ExecutionCreated,
    KillAsked,
    TimerKind,
    UnqueueAsked,
)
from kapell.model.state import State

MINUTE = 60 * SECOND
ROWS: dict[str, tuple[Callable[[], Watched], WaitKind, str, str, timedelta | None]] = {
    "created": (not_begun, WaitKind.EVENT, "It was created, and no executor", "the executor, in its next turn", None),
    "scheduled": (scheduled, WaitKind.BEGIN, "It begins at its time", "force-run begins it now", MINUTE),
    "offered": (offered, WaitKind.WORKER, "`a` waits for a free worker", "a worker that takes it", MINUTE),
    "running": (begun, WaitKind.WORKER, "`a` runs on a worker", "kill ends it", MINUTE),
    "inline": (inline, WaitKind.INLINE, "`a` is about to be done by the executor", "in its next turn", None),
    "retry": (retried, WaitKind.RETRY, "`a` has failed, and its attempt 2 is to come", "kill gives it up", MINUTE),
    "sleep": (asleep, WaitKind.SLEEP, "`a` sleeps", "its time", MINUTE),
    "turn": (between_turns, WaitKind.TURN, "`a` waits before it begins again", "resume begins it at once", MINUTE),
    "person": (asked, WaitKind.PERSON, "`a` waits for a person", "resume, by a person who gives `reason`", None),
    "person or time": (asked_for_a_while, WaitKind.PERSON, "`a` waits for a person", "when it ends FAILED", MINUTE),
    "held": (held, WaitKind.HELD, "A person has paused it", "resume, by a person", None),
    "child": (calling, WaitKind.CHILD, "`a` waits for execution", "the end of that execution", None),
    "iterations": (looping, WaitKind.ITERATIONS, "`a` goes on: 0 of 3 iterations have ended, 2 are", "the end", None),
    "batches": (batching, WaitKind.ITERATIONS, "`a / a_items` goes on: 0 of 2 batches have", "the end of each", None),
    "queue": (queued, WaitKind.QUEUE, "It waits in the queue of n.flow", "unqueue runs it at once", None),
    "kill grace": (killed, WaitKind.KILL_GRACE, "`a` was told to stop", "the end of its grace", 30 * SECOND),
    "folder": (filling, WaitKind.WORKER, "A worker fills the folder of `a`", "kill ends it", None),
    "after the end": (after_the_end, WaitKind.WORKER, "It has ended SUCCESS; behind it `z` waits", "a worker", None),
    "told": (told, WaitKind.EVENT, "A worker has told what a task has come to", "the executor", None),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_every_wait_has_its_explanation(
    row: tuple[Callable[[], Watched], WaitKind, str, str, timedelta | None],
) -> None:
    situation, kind, headline, frees, span = row
    play = situation()
    found = play.explain()
    assert found.headline.startswith(headline)
    wait = found.waits[0]
    assert (wait.kind, wait.until) == (kind, play.clock.now() + span if span else None)
    assert frees in wait.frees
    assert wait.since <= play.clock.now()
    assert (len(found.waits), found.unexplained, found.stuck) == (1, (), False)


def test_every_kind_of_wait_has_a_row() -> None:
    assert {kind for _, kind, *_ in ROWS.values()} == set(WaitKind)


def test_every_event_can_be_waited_for() -> None:
    assert set(TOLD) == {kind.__name__ for kind in get_args(Event)}


@pytest.mark.parametrize("situation", [scheduled, retried, asleep, between_turns, asked_for_a_while, killed])
def test_what_is_due_waits_for_the_executor_only(situation: Callable[[], Watched]) -> None:
    play = situation()
    play.clock.advance(timedelta(hours=1))
    found = play.explain()
    assert found.waits[0].frees == "the executor, in its next turn: its time has come"
    assert not found.stuck


def test_each_open_branch_is_named_by_its_path() -> None:
    play = started(
        "{id: both, type: io.kestra.plugin.core.flow.Parallel, tasks: ["
        "{id: each, type: io.kestra.plugin.core.flow.ForEach, values: [x, y], concurrencyLimit: 0, "
        f"tasks: [{{id: a, type: {WORK}}}]}}, {{id: p, type: io.kestra.plugin.core.flow.Pause}}]}}"
    )
    found = play.explain()
    paths = [("both", "p"), ("both", "each", "a[x]"), ("both", "each", "a[y]")]
    assert [wait.path for wait in found.waits] == paths
    assert found.headline.endswith("and 2 more")
    assert not found.stuck


def test_the_holder_of_a_job_is_named_before_it_has_begun() -> None:
    play = offered()
    [job] = play.jobs
    assert play.explain(holders={job.id: None}).headline == "`a` waits for a free worker"
    found = play.explain(holders={job.id: "worker-7"})
    assert found.headline == "`a` was taken by worker worker-7 and has not begun yet"
    assert found.waits[0].holders == ("worker-7",)


def test_a_place_in_the_queue_names_who_is_before() -> None:
    line = Line(limit=2, running=("r1", "r2"), queued=("q1", ID, "q2"))
    [wait] = queued().explain(line=line).waits
    assert wait.what == "it is number 2 of 3 in the queue of n.flow, whose limit is 2"
    assert wait.holders == ("r1", "r2", "q1")
    assert wait.frees.startswith("the end of 2 of those before it")


def lost_job() -> Explanation:
    play = offered()
    play.jobs.clear()
    return play.explain()


def lost_offer() -> Explanation:
    return offered().explain(holders={})


def lost_timer(situation: Callable[[], Watched]) -> Explanation:
    play = situation()
    play.timers.clear()
    play.jobs.clear()
    return play.explain()


def lost_children(situation: Callable[[], Watched]) -> Explanation:
    play = situation()
    play.childless = True
    return play.explain()


def lost_event() -> Explanation:
    play = not_begun()
    play.inbox.clear()
    return play.explain()


def lost_slot() -> Explanation:
    return queued().explain(line=Line(limit=1, queued=(ID,)))


LOST: dict[str, Callable[[], Explanation]] = {
    "job": lost_job,
    "offer": lost_offer,
    "event": lost_event,
    "slot": lost_slot,
    "begin": lambda: lost_timer(scheduled),
    "retry": lambda: lost_timer(retried),
    "sleep": lambda: lost_timer(asleep),
    "turn": lambda: lost_timer(between_turns),
    "kill grace": lambda: lost_timer(killed),
    "child": lambda: lost_children(calling),
    "iterations": lambda: lost_children(looping),
    "batches": lambda: lost_children(batching),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_what_was_lost_leaves_an_execution_that_is_stuck(lost: Callable[[], Explanation]) -> None:
    found = lost()
    assert found.stuck
    assert found.headline.startswith("Nothing can bring it on: ")


def test_one_lost_branch_is_enough_to_be_stuck() -> None:
    play = started(
        "{id: both, type: io.kestra.plugin.core.flow.Parallel, tasks: ["
        f"{{id: a, type: {WORK}}}, {{id: b, type: {WORK}}}]}}"
    )
    play.jobs.pop()
    found = play.explain()
    assert found.stuck
    assert found.unexplained == ("`both / b` is SUBMITTED, and there is no job, timer or execution for it",)
    play.inbox.append(event(play, KillAsked))
    assert not play.explain().stuck


def ended(*tasks: str, more: str = "", fails: str = "", kills: bool = False) -> Watched:
    play = started(*tasks, more=more)
    while play.jobs:
        task = play.jobs[0].task_id
        play.begin(task)
        if kills:
            play.kill()
        play.finish(task, State.FAILED if task == fails else State.KILLED if kills else State.SUCCESS)
    return play


TASK = f"{{id: a, type: {WORK}}}"
INSIDE = f"{{id: s, type: io.kestra.plugin.core.flow.Sequential, tasks: [{TASK}]}}"
SOFT = TASK.replace("}", ", allowFailure: true}")
SLA = "sla: [{id: s, type: EXECUTION_ASSERTION, assert: 'false', behavior: CANCEL}]\n"


@pytest.mark.parametrize(
    ("play", "said"),
    [
        (lambda: ended(TASK), "It has ended SUCCESS"),
        (lambda: ended(INSIDE, fails="a"), "It has ended FAILED: `s / a` has ended FAILED: Task failure"),
        (lambda: ended(SOFT, fails="a"), "It has ended WARNING: `a` has ended WARNING: Task failure"),
        (lambda: ended(TASK, kills=True), "It has ended KILLED: it was killed while `a` was under way"),
        (lambda: started(TASK, more=SLA), "It has ended CANCELLED: it has not kept its SLA `s`"),
        (
            lambda: started(TASK, more="concurrency: {limit: 1, behavior: CANCEL}\n", taken=1),
            "It has ended CANCELLED: 1 executions of its flow ran already, as many as may",
        ),
        (
            lambda: ended(
                TASK, more="retry: {type: constant, interval: PT1M, behavior: CREATE_NEW_EXECUTION}\n", fails="a"
            ),
            "It has ended RETRIED: it was given up, and execution",
        ),
    ],
)
def test_of_what_has_ended_it_says_how_and_because_of_what(play: Callable[[], Watched], said: str) -> None:
    found = play().explain()
    assert found.headline.startswith(said)
    assert (found.waits, found.stuck) == ((), False)


def test_without_a_culprit_the_last_error_of_the_log_is_told() -> None:
    play = queued()
    play.tell(event(play, UnqueueAsked, state=State.FAILED))
    play.flow = Watched(flow(TASK)).flow
    assert play.explain(error="no room").headline == "It has ended FAILED: no room"


def test_most_can_be_said_without_the_flow() -> None:
    play = asked()
    found = explain(play.pending(), None, play.clock.now())
    assert found.waits[0].frees == "resume, by a person"


def test_a_promise_about_time_is_noted_and_explains_nothing() -> None:
    play = started(TASK, more="sla: [{id: s, type: MAX_DURATION, duration: PT1H, behavior: FAIL}]\n")
    assert [timer.kind for timer in play.timers.values()] == [TimerKind.SLA]
    play.jobs.clear()
    found = play.explain(owned=False)
    assert found.notes[0].startswith("its SLA `s` is due at 2026-01-01 01:00:00")
    assert found.notes[1].startswith("no kapell works on it at present")
    assert found.stuck


def test_a_beginning_that_waits_is_the_event_it_came_with() -> None:
    play = not_begun()
    assert isinstance(play.created, ExecutionCreated)
    assert play.explain().waits[0].since == play.created.at
