"""Executions done again from one of their task runs: what was begun for the first one is never waited for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kapell
from acceptance.story import children, flow, logs, run, run_id, runs, state

CALLED = flow("called", "  - {id: once, type: FAIL, condition: '{{ taskrun.attemptsCount == 0 and inputs.fails }}'}\n")
CALLED += "inputs: [{id: fails, type: BOOL, defaults: false}]\n"
CALLS = "{id: call, type: FLOW.Subflow, namespace: company.team, flowId: called, inputs: {fails: FAILS}}"
LOOP = (
    "{id: loop, type: FLOW.Loop, values: [1, 2], tasks: [{id: odd, type: FAIL, "
    "condition: \"{{ taskrun.attemptsCount == 0 and item.value == 'FAILS' }}\"}]}"
)


@pytest.fixture
def local() -> Iterator[kapell.Local]:
    with kapell.Local() as local:
        yield local


def again(local: kapell.Local, id: str, label: str) -> str:
    replayed = local.replay(id, task_run=run_id(local, id, label))
    return local.settled(replayed).id


def test_a_replay_from_a_subflow_task_starts_another_execution(local: kapell.Local) -> None:
    first = run(local, CALLED, flow("calls", f"  - {CALLS}\n").replace("FAILS", "false"))
    second = again(local, first, "call")
    assert runs(local, second) == {"call": "CREATED RUNNING SUCCESS RESTARTED RUNNING SUCCESS"}
    (old, *_), (new,) = children(local, first), children(local, second)
    assert old.id != new.id
    assert local.execution(second).task_outputs("call")["executionId"] == new.id


def test_a_replay_from_a_loop_that_has_failed_begins_all_of_its_iterations(local: kapell.Local) -> None:
    first = run(local, flow("loops", f"  - {LOOP}\n").replace("FAILS", "2"))
    second = again(local, first, "loop")
    assert runs(local, second) == {"loop": "CREATED RUNNING FAILED RESTARTED RUNNING FAILED"}
    assert len(children(local, second)) == 2


@pytest.mark.parametrize(("name", "task", "started"), [("call", CALLS, 1), ("loop", LOOP, 2)])
def test_what_failed_beside_the_chosen_run_can_be_restarted_in_the_replay(
    local: kapell.Local, name: str, task: str, started: int
) -> None:
    both = (
        f"  - id: both\n    type: FLOW.Parallel\n    tasks:\n      - {{id: a, type: LOG, message: a}}\n      - {task}\n"
    )
    fails = "true" if name == "call" else "2"
    first = run(local, CALLED, flow("both", both).replace("FAILS", fails))
    second = again(local, first, "a")
    assert runs(local, second)[name] == "CREATED RUNNING FAILED"
    local.restart(second)
    local.settled(second)
    assert runs(local, second)[name] == "CREATED RUNNING FAILED RESTARTED RUNNING FAILED"
    assert len(children(local, second)) == started


def test_what_still_runs_beside_the_chosen_run_begins_again_in_the_replay(local: kapell.Local) -> None:
    tasks = """
  - id: both
    type: FLOW.Parallel
    tasks:
      - {id: a, type: LOG, message: a}
      - {id: sleeps, type: FLOW.Sleep, duration: PT0.4S}
      - {id: waits, type: FLOW.Pause}
      - {id: inner, type: FLOW.Sequential, tasks: [{id: deep, type: FLOW.Sleep, duration: PT0.4S}]}
"""
    local.apply(flow("busy", tasks))
    first = local.create("company.team", "busy")
    local.wait(first, timeout=5, states=("PAUSED",))
    second = local.replay(first, task_run=run_id(local, first, "a"))
    for id in (first, second):
        local.wait(id, timeout=5, states=("PAUSED",))
        local.resume(id)
        local.settled(id)
    assert state(local, second) == "CREATED RUNNING PAUSED RESTARTED RUNNING PAUSED RESTARTED RUNNING SUCCESS"
    found = runs(local, second)
    assert found["sleeps"].endswith("RUNNING RESTARTED SUBMITTED RUNNING SUCCESS")
    assert found["deep"].endswith("RUNNING RESTARTED SUBMITTED RUNNING SUCCESS")
    assert found["waits"] == "CREATED RUNNING PAUSED RUNNING PAUSED SUCCESS"


@pytest.mark.parametrize("target", ["RUNNING", "CREATED", "PAUSED"])
def test_a_task_run_can_not_be_put_into_a_state_that_nobody_would_end(local: kapell.Local, target: str) -> None:
    id = run(local, flow("plain", "  - {id: a, type: LOG, message: a}\n"))
    with pytest.raises(kapell.Refused, match="You can only change the state of a task run to a terminal state"):
        local.change_state(id, target, task_run=run_id(local, id, "a"))
    assert state(local, id) == "CREATED RUNNING SUCCESS"


def test_a_replay_from_a_pause_waits_again(local: kapell.Local) -> None:
    local.apply(flow("waits", "  - {id: wait, type: FLOW.Pause}\n  - {id: then, type: LOG, message: then}\n"))
    first = local.create("company.team", "waits")
    for id in (first, None):
        id = id or local.replay(first, task_run=run_id(local, first, "wait"))
        local.wait(id, timeout=5, states=("PAUSED",))
        local.resume(id)
        local.settled(id)
    assert runs(local, id) == {
        "wait": "CREATED RUNNING PAUSED SUCCESS RUNNING PAUSED SUCCESS",
        "then": "CREATED SUBMITTED RUNNING SUCCESS",
    }


@pytest.mark.parametrize(
    ("task", "history"),
    [
        (
            "FLOW.ForEach, values: '{{ nope }}', tasks: [{id: inner, type: LOG, message: x}]",
            "RUNNING FAILED RUNNING FAILED",
        ),
        ("FLOW.Switch, value: x, cases: {a: [{id: inner, type: LOG, message: x}]}", "RUNNING FAILED RUNNING FAILED"),
        ("EXECUTION.Labels, labels: {a: '{{ nope }}'}", "FAILED RESTARTED FAILED"),
        ("EXECUTION.Labels, labels: {a: b}", "RUNNING SUCCESS RESTARTED RUNNING SUCCESS"),
        ("LOG, message: x, runIf: '{{ false }}'", "SKIPPED RESTARTED SKIPPED"),
        ("LOG, message: x, runIf: '{{ nope }}'", "FAILED RESTARTED FAILED"),
    ],
)
def test_what_could_not_begin_or_was_no_workers_begins_again_like_the_rest(
    local: kapell.Local, task: str, history: str
) -> None:
    first = run(local, flow("again", f"  - {{id: it, type: {task}}}\n"))
    assert runs(local, again(local, first, "it")) == {"it": f"CREATED {history}"}
    if local.execution(first).state == "FAILED":
        local.restart(first)
        local.settled(first)
        assert runs(local, first) == {"it": f"CREATED {history}"}


def test_what_has_failed_in_an_error_handler_is_not_restarted_but_runs_anew(local: kapell.Local) -> None:
    handlers = "finally:\n  - {id: group, type: FLOW.Sequential, tasks: [{id: broken, type: FAIL}]}\n"
    id = run(local, flow("handled", "  - {id: it, type: FAIL}\n", handlers))
    local.restart(id)
    local.settled(id)
    assert state(local, id) == "CREATED RUNNING FAILED RESTARTED RUNNING FAILED"
    assert runs(local, id)["broken"] == "CREATED SUBMITTED RUNNING FAILED"


def test_behind_its_end_an_execution_still_keeps_time(local: kapell.Local) -> None:
    after = """afterExecution:
  - {id: sleeps, type: FLOW.Sleep, duration: PT0.02S}
  - {id: slow, type: FLOW.Sleep, duration: PT9S, timeout: PT0.02S}
  - {id: waits, type: FLOW.Pause, pauseDuration: PT0.02S}
  - {id: last, type: LOG, message: "{{ execution.state }}"}
"""
    id = run(local, flow("late", "  - {id: it, type: LOG, message: x}\n", after))
    assert state(local, id) == "CREATED RUNNING SUCCESS"
    found = runs(local, id)
    assert found["sleeps"].endswith("SUCCESS")
    assert found["slow"].endswith("FAILED")
    assert found["waits"].endswith("PAUSED SUCCESS")
    assert logs(local, id)[-1] == "INFO SUCCESS"


def test_what_waits_for_a_person_behind_the_end_can_be_resumed(local: kapell.Local) -> None:
    after = "afterExecution:\n  - {id: wait, type: FLOW.Pause}\n  - {id: last, type: LOG, message: x}\n"
    local.apply(flow("late", "  - {id: it, type: LOG, message: x}\n", after))
    id = local.create("company.team", "late")
    local.wait(id, timeout=5)
    local.resume(id)
    local.settled(id)
    assert state(local, id) == "CREATED RUNNING SUCCESS"
    assert runs(local, id)["wait"] == "CREATED RUNNING PAUSED SUCCESS"
    assert runs(local, id)["last"] == "CREATED SUBMITTED RUNNING SUCCESS"
