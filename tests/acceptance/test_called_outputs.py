"""A called flow whose outputs can't be made, and what its caller tells of it."""

from __future__ import annotations

import kapell

CALLED = """
id: called
namespace: company.team
tasks:
  - {id: first, type: io.kestra.plugin.core.debug.Return, format: first}
  - {id: bad, type: io.kestra.plugin.core.execution.Fail}
  - {id: last, type: io.kestra.plugin.core.debug.Return, format: last}
outputs: [{id: res, type: STRING, value: "{{ outputs.last.value }}"}]
"""

CALLS = """
id: calls
namespace: company.team
tasks:
  - id: sub
    type: io.kestra.plugin.core.flow.Subflow
    namespace: company.team
    flowId: called
    restartBehavior: NEW_EXECUTION
"""


def test_a_failed_flow_without_outputs_fails_once_and_its_caller_says_why() -> None:
    with kapell.Local() as local:
        local.apply(CALLED, CALLS)
        done = local.settled(local.create("company.team", "calls"))
        (called,) = (one for one in local.executions() if one.id != done.id)
        lines = [line.message for line in local.logs(done.id)]
    assert [str(change.state) for change in called.row.history] == ["CREATED", "RUNNING", "FAILED"]
    assert (done.state, done.task_outputs("sub")) == ("FAILED", {})
    why = "Unable to find `last` used in the expression `{{ outputs.last.value }}` at line 1"
    assert f"Failed to extract outputs with the error: '{why}'" in lines


def test_what_a_restarted_execution_calls_anew_is_marked_as_restarted() -> None:
    with kapell.Local() as local:
        local.apply(CALLED, CALLS)
        id = local.create("company.team", "calls")
        local.settled(id)
        local.restart(id)
        local.settled(id)
        called = [one.labels.get("system.restarted") for one in local.executions() if one.id != id]
    assert sorted(called, key=str) == [None, "true"]
