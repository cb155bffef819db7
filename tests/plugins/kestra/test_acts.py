"""Resume and Kill, and deletion by the Python API: done to executions of a whole kapell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kapell
from kapell.errors import NotFound, Refused
from kapell.model.state import State

PAUSED = """
id: paused
namespace: tests
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - {id: comment, type: STRING}
  - id: told
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.wait.onResume.comment }}"
"""
ACT = """
id: act
namespace: tests
inputs:
  - {{id: execution, type: STRING}}
tasks:
  - id: act
    type: io.kestra.plugin.{type}
    executionId: "{{{{ inputs.execution }}}}"
    {more}
"""
CALLER = """
id: caller
namespace: tests
tasks:
  - {{id: write, type: io.kestra.plugin.core.storage.Write, content: text}}
  - {{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: tests, flowId: {flow}, wait: {wait}}}
"""
WRITER = """
id: writer
namespace: tests
tasks:
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: text}
"""
OWN = """
id: own
namespace: tests
tasks:
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - id: wait
        type: io.kestra.plugin.core.flow.Pause
        onResume:
          - {{id: comment, type: STRING}}
      - {task}
"""
ANSWER = "inputs: {comment: fine}"


@pytest.fixture
def local() -> Iterator[kapell.Local]:
    with kapell.Local() as found:
        found.apply(PAUSED, WRITER)
        yield found


def paused(local: kapell.Local) -> str:
    id = local.create("tests", "paused")
    local.wait(id, timeout=10, states=("PAUSED",))
    return id


def act(local: kapell.Local, type: str, id: str, more: str = "") -> kapell.Execution:
    local.apply(ACT.format(type=type, more=more))
    return local.settled(local.create("tests", "act", {"execution": id}))


@pytest.mark.parametrize(
    ("type", "more"),
    [
        ("core.execution.Resume", ANSWER),
        ("core.execution.Resume", f"namespace: tests\n    flowId: paused\n    {ANSWER}"),
        ("kestra.executions.Resume", ANSWER),
    ],
)
def test_a_paused_execution_goes_on_with_the_answer(local: kapell.Local, type: str, more: str) -> None:
    id = paused(local)
    assert act(local, type, id, more).state is State.SUCCESS
    resumed = local.wait(id, timeout=10)
    assert (resumed.state, resumed.task_outputs("told")) == (State.SUCCESS, {"value": "fine"})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", "Missing required input:comment"),
        ("namespace: tests", "Both `namespace` and `flowId` must be set when `executionId` is set."),
        (f"namespace: tests\n    flowId: other\n    {ANSWER}", "is of flow tests.paused, not of tests.other"),
    ],
)
def test_one_that_can_not_be_resumed_so_stays_paused(local: kapell.Local, more: str, told: str) -> None:
    id = paused(local)
    done = act(local, "core.execution.Resume", id, more)
    assert done.state is State.FAILED
    assert any(told in log.message for log in local.logs(done.id)), [log.message for log in local.logs(done.id)]
    assert local.execution(id).state is State.PAUSED


def test_what_is_not_there_or_not_paused_is_told(local: kapell.Local) -> None:
    missing = act(local, "core.execution.Resume", "nothing")
    assert any("No execution found for execution id nothing" in log.message for log in local.logs(missing.id))
    id = local.settled(local.create("tests", "writer")).id
    assert act(local, "core.execution.Resume", id).state is State.FAILED


def test_an_execution_is_killed(local: kapell.Local) -> None:
    id = paused(local)
    assert act(local, "kestra.executions.Kill", id).state is State.SUCCESS
    assert local.wait(id, timeout=10).state is State.KILLED


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ("{id: act, type: io.kestra.plugin.kestra.executions.Kill, executionId: '{{ execution.id }}'}", State.KILLED),
        ("{id: act, type: io.kestra.plugin.kestra.executions.Resume, inputs: {comment: fine}}", State.SUCCESS),
        ("{id: act, type: io.kestra.plugin.core.execution.Resume, inputs: {comment: fine}}", State.SUCCESS),
    ],
)
def test_a_task_acts_on_its_own_execution(local: kapell.Local, task: str, state: State) -> None:
    local.apply(OWN.format(task=task))
    id = local.create("tests", "own")
    assert local.wait(id, timeout=10).state is state


def test_an_ended_execution_is_deleted_with_what_it_has_started(local: kapell.Local) -> None:
    local.apply(CALLER.format(flow="writer", wait="true"))
    kept = local.settled(local.create("tests", "writer")).id
    id = local.settled(local.create("tests", "caller")).id
    assert len(local.executions()) == 3
    local.delete(id)
    assert [one.id for one in local.executions()] == [kept]
    assert local.logs(id) == []
    assert {address.split("/executions/")[1].split("/")[0] for address in local.runtime.files.walk("/")} == {kept}
    with pytest.raises(NotFound, match=f"There is no execution {id}"):
        local.delete(id)


def test_one_that_runs_is_not_deleted(local: kapell.Local) -> None:
    id = paused(local)
    with pytest.raises(Refused, match=f"Execution {id} is PAUSED: only one that has ended can be deleted"):
        local.delete(id)
    assert local.execution(id).state is State.PAUSED


def test_one_that_has_started_another_which_runs_is_not_deleted(local: kapell.Local) -> None:
    local.apply(CALLER.format(flow="paused", wait="false"))
    id = local.settled(local.create("tests", "caller")).id
    child = next(one.id for one in local.executions() if one.id != id)
    local.wait(child, timeout=10, states=("PAUSED",))
    with pytest.raises(Refused, match=f"can't be deleted: execution {child}, which it has started, is PAUSED"):
        local.delete(id)
    assert len(local.executions()) == 2


def test_a_replay_stays_when_the_execution_that_it_repeats_is_deleted(local: kapell.Local) -> None:
    id = local.settled(local.create("tests", "writer")).id
    replayed = local.settled(local.replay(id)).id
    local.delete(id)
    assert [one.id for one in local.executions()] == [replayed]
