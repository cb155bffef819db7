"""An Approval waits for a decision; a Pause may run a task because it waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import kapell
from kapell.errors import InputError, Refused
from kapell.model.state import State

APPROVAL = """
id: approval
namespace: tests
tasks:
  - id: approval
    type: io.kestra.plugin.core.flow.Approval
    {more}
    onWait:
      - {{id: notify, type: io.kestra.plugin.core.log.Log, message: asked}}
    onApprove:
      - {{id: approved, type: {value}, format: "{{{{ outputs.approval.comment ?? 'x' }}}}"}}
    onDeny:
      - {{id: denied, type: io.kestra.plugin.core.log.Log, message: denied}}
    finally:
      - {{id: cleanup, type: io.kestra.plugin.core.log.Log, message: done}}
  - {{id: after, type: io.kestra.plugin.core.log.Log, message: after}}
"""


def written(more: str) -> str:
    return APPROVAL.format(more=more, value="io.kestra.plugin.core.debug.Return")


@contextmanager
def asked(more: str = "disabled: false") -> Iterator[tuple[kapell.Local, str]]:
    """An execution that waits for its Approval's decision."""
    with kapell.Local() as local:
        local.apply(written(more))
        id = local.create("tests", "approval")
        local.wait(id, timeout=10, states=("PAUSED",))
        yield local, id


def tasks(execution: kapell.Execution) -> list[str]:
    return [f"{run.task_id} {run.state}" for run in execution.task_runs]


def test_what_was_approved_goes_on_with_the_tasks_for_it() -> None:
    with asked() as (local, id):
        assert tasks(local.execution(id)) == ["approval PAUSED", "notify SUCCESS"]
        local.review(id, "APPROVED", comment="looks good")
        done = local.wait(id, timeout=10)
    assert done.state is State.SUCCESS
    expected = ["approval SUCCESS", "notify SUCCESS", "approved SUCCESS", "cleanup SUCCESS", "after SUCCESS"]
    assert tasks(done) == expected
    outputs = dict(done.task_outputs("approval"))
    assert outputs.pop("on")
    assert outputs == {"decision": "APPROVED", "auto": False, "comment": "looks good", "inputs": {}}
    assert done.task_outputs("approved") == {"value": "looks good"}


def test_what_was_denied_cancels_the_execution_after_its_tasks() -> None:
    with asked() as (local, id):
        local.review(id, "DENIED")
        done = local.wait(id, timeout=10)
    assert (done.state, done.task_outputs("approval")["decision"]) == (State.CANCELLED, "DENIED")
    assert tasks(done) == ["approval CANCELLED", "notify SUCCESS", "denied SUCCESS", "cleanup SUCCESS"]


@pytest.mark.parametrize(
    ("behavior", "state", "goes_on"),
    [
        ("CONTINUE", State.SUCCESS, True),
        ("WARN", State.WARNING, True),
        ("FAIL", State.FAILED, False),
        ("SUCCEED", State.SUCCESS, False),
        ("CANCEL", State.CANCELLED, False),
        ("KILL", State.KILLED, False),
    ],
)
def test_the_behavior_says_what_becomes_of_the_execution(behavior: str, state: State, goes_on: bool) -> None:
    with asked(f"approveBehavior: {behavior}") as (local, id):
        local.review(id, "APPROVED")
        done = local.wait(id, timeout=10)
    assert (done.state, "after SUCCESS" in tasks(done)) == (state, goes_on)
    assert "cleanup SUCCESS" in tasks(done)


def test_nobody_decides_in_time() -> None:
    with asked("timeout: PT0.2S") as (local, id):
        done = local.wait(id, timeout=10)
    assert done.state is State.CANCELLED
    assert tasks(done) == ["approval CANCELLED", "notify SUCCESS", "cleanup SUCCESS"]
    outputs = done.task_outputs("approval")
    assert (outputs["decision"], outputs["auto"], "by" in outputs) == ("EXPIRED", False, False)
    assert outputs["due"]


def test_what_is_approved_of_itself_asks_nobody() -> None:
    with kapell.Local() as local:
        local.apply(written('autoApprove: "{{ 1 == 1 }}"'))
        done = local.wait(local.create("tests", "approval"), timeout=10)
    assert tasks(done) == ["approval SUCCESS", "approved SUCCESS", "cleanup SUCCESS", "after SUCCESS"]
    assert done.task_outputs("approval") == {"decision": "APPROVED", "auto": True}
    assert State.PAUSED not in [change.state for change in done.row.history]


def test_a_decision_has_to_be_complete() -> None:
    with asked("commentRequired: ON_DENY\n    inputs: [{id: version, type: INT}]") as (local, id):
        with pytest.raises(InputError, match="version"):
            local.review(id, "APPROVED")
        with pytest.raises(Refused, match="A comment is required to deny"):
            local.review(id, "DENIED", {"version": 3}, comment=" ")
        with pytest.raises(Refused, match="must be approved or denied"):
            local.resume(id, {"version": 3})
        with pytest.raises(Refused, match="is not paused"):
            local.review(id, "APPROVED", {"version": 3}, task_run="nobody")
        local.review(id, "APPROVED", {"version": 3})
        done = local.wait(id, timeout=10)
        with pytest.raises(Refused, match="is not paused"):
            local.review(id, "APPROVED", {"version": 3})
    assert done.task_outputs("approval")["inputs"] == {"version": 3}


def test_a_failure_before_the_wait_ends_it_before_it_began() -> None:
    flow = written("disabled: false").replace(
        "id: notify, type: io.kestra.plugin.core.log.Log, message: asked",
        "id: notify, type: io.kestra.plugin.core.execution.Fail",
    )
    with kapell.Local() as local:
        local.apply(flow)
        done = local.wait(local.create("tests", "approval"), timeout=10)
        assert tasks(done) == ["approval FAILED", "notify FAILED", "cleanup SUCCESS"]
        local.apply(flow.replace("onWait", "allowFailure: true\n    onWait"))
        id = local.create("tests", "approval")
        local.wait(id, timeout=10, states=("PAUSED",))
        local.review(id, "APPROVED")
        done = local.wait(id, timeout=10)
    assert tasks(done)[:3] == ["approval SUCCESS", "notify FAILED", "approved SUCCESS"]


def test_two_approvals_at_the_same_time_are_decided_one_by_one() -> None:
    approvals = "".join(
        f"      - {{id: {name}, type: io.kestra.plugin.core.flow.Approval}}\n" for name in ("first", "second")
    )
    parallel = "io.kestra.plugin.core.flow.Parallel"
    with kapell.Local() as local:
        local.apply(f"id: two\nnamespace: tests\ntasks:\n  - id: both\n    type: {parallel}\n    tasks:\n{approvals}")
        id = local.create("tests", "two")
        waiting = local.wait(id, timeout=10, states=("PAUSED",))
        second = next(run for run in waiting.task_runs if run.task_id == "second")
        local.review(id, "APPROVED", task_run=second.id)
        assert tasks(local.execution(id)) == ["both RUNNING", "first PAUSED", "second SUCCESS"]
        assert local.execution(id).state is State.PAUSED
        assert local.explain(id).waits[0].frees == "approve or deny, by a person"
        local.review(id, "APPROVED")
        assert local.wait(id, timeout=10).state is State.SUCCESS


def test_an_approval_that_is_killed_has_no_decision() -> None:
    with asked() as (local, id):
        local.kill(id)
        done = local.wait(id, timeout=10)
    assert (done.state, "decision" in done.task_outputs("approval")) == (State.KILLED, False)


PAUSE = """
id: pausing
namespace: tests
tasks:
  - id: outer
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - id: pause
        type: io.kestra.plugin.core.flow.Pause
        onPause: {id: tell, type: io.kestra.plugin.core.execution.Fail}
        errors: [{id: worse, type: io.kestra.plugin.core.log.Log, message: bad}]
        finally: [{id: last, type: io.kestra.plugin.core.log.Log, message: end}]
"""


def test_the_task_of_a_pause_runs_beside_it_and_changes_nothing() -> None:
    with kapell.Local() as local:
        local.apply(PAUSE)
        id = local.create("tests", "pausing")
        waiting = local.wait(id, timeout=10, states=("PAUSED",))
        tell = next(run for run in waiting.task_runs if run.task_id == "tell")
        assert (tell.state, tell.parent_id) == (State.FAILED, None)
        local.resume(id)
        done = local.wait(id, timeout=10)
    assert done.state is State.SUCCESS
    assert tasks(done) == ["outer SUCCESS", "pause SUCCESS", "tell FAILED", "last SUCCESS"]


def test_a_pause_that_fails_in_time_runs_its_errors_and_finally() -> None:
    with kapell.Local() as local:
        local.apply(PAUSE.replace("onPause:", "pauseDuration: PT0.1S\n        behavior: FAIL\n        onPause:"))
        done = local.wait(local.create("tests", "pausing"), timeout=10)
    assert done.state is State.FAILED
    assert tasks(done)[1:] == ["pause FAILED", "tell FAILED", "worse SUCCESS", "last SUCCESS"]
