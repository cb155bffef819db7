"""What a task waits for comes to an end, whatever becomes of the execution that it has started."""

from __future__ import annotations

import kapell
from kapell.model.state import State

RETRIED = """
id: retried
namespace: tests
retry: {type: constant, interval: PT0.1S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}
tasks:
  - {id: fail, type: io.kestra.plugin.core.execution.Fail}
"""
CALLER = """
id: caller
namespace: tests
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: tests, flowId: retried, wait: true}
"""
LOOP = """
id: loop
namespace: tests
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1]
    tasks:
      - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT30S}
"""


def test_a_called_execution_that_is_retried_anew_is_waited_for_to_its_last_try() -> None:
    with kapell.Local() as local:
        local.apply(RETRIED, CALLER)
        execution = local.wait(local.create("tests", "caller"), timeout=10)
        assert execution.state is State.FAILED
        states = [one.state for one in local.executions() if one.row.flow_id == "retried"]
        assert states == [State.RETRIED, State.FAILED]


def test_a_loop_whose_killed_iteration_can_not_be_restarted_fails_again() -> None:
    with kapell.Local() as local:
        local.apply(LOOP)
        id = local.create("tests", "loop")
        local.wait(id, timeout=10, states=("RUNNING",))
        iteration = next(one.id for one in local.executions() if one.row.loop_run)
        local.wait(iteration, timeout=10, states=("RUNNING",))
        local.kill(iteration)
        assert local.wait(id, timeout=10).state is State.FAILED
        local.restart(id)
        assert local.wait(id, timeout=10, states=("FAILED",)).row.history[-1].state is State.FAILED
        assert local.runtime.stuck == 0
