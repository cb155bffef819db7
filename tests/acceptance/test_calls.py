"""`subflow()` in inputs, in a whole kapell: the other flow is really run, and waited for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kapell

NAMES = """
id: names
namespace: company.team
inputs: [{id: n, type: INT, defaults: 2}]
tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ range(1, inputs.n) }}"}]
outputs: [{id: list, type: JSON, value: "{{ outputs.a.value }}"}]
"""

FAILS = """
id: fails
namespace: company.team
tasks: [{id: a, type: io.kestra.plugin.core.execution.Fail}]
"""

WAITS = """
id: waits
namespace: company.team
tasks: [{id: a, type: io.kestra.plugin.core.flow.Pause}]
"""

OFF = """
id: "off"
namespace: company.team
disabled: true
tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: a}]
"""

ROUND = """
id: round
namespace: company.team
inputs: [{id: d, type: STRING, defaults: "{{ subflow('company.team', 'round').id }}"}]
tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: a}]
"""


def asking(expression: str) -> str:
    return f"""
id: asks
namespace: company.team
inputs: [{{id: d, type: STRING, defaults: "{{{{ {expression} }}}}"}}]
tasks: [{{id: a, type: io.kestra.plugin.core.debug.Return, format: a}}]
"""


@pytest.fixture
def local() -> Iterator[kapell.Local]:
    with kapell.Local() as local:
        local.apply(NAMES, FAILS, WAITS, OFF, ROUND)
        yield local


def refusal(local: kapell.Local, expression: str) -> str:
    local.apply(asking(expression))
    with pytest.raises(kapell.InputError) as caught:
        local.create("company.team", "asks")
    return caught.value.problems["d"].removeprefix("Invalid value for input `d`. Cause: ")


def test_the_answer_is_what_the_other_flow_came_to(local: kapell.Local) -> None:
    call = "subflow('company.team', 'names', {'n': 3}, labels={'for': 'asks'}, timeout='PT20S')"
    local.apply(asking(f"{call}.state ~ {call}.outputs.list ~ {call}.labels.for"))
    done = local.settled(local.create("company.team", "asks"))
    (called,) = (one for one in local.executions() if one.id != done.id)
    assert done.inputs == {"d": "SUCCESS[1, 2, 3]asks"}
    assert (called.row.flow_id, called.inputs) == ("names", {"n": 3})
    assert (called.labels["for"], called.labels["system.from"]) == ("asks", "subflow")


@pytest.mark.parametrize(
    ("expression", "sentence"),
    [
        ("subflow('company.team', 'none').id", "Unable to find flow 'company.team'.'none'."),
        (
            "subflow('company.team', 'names', revision=7).id",
            "Unable to find flow 'company.team'.'names' with revision 7.",
        ),
        ("subflow('company.team', 'off').id", "Cannot run the disabled flow 'company.team'.'off'."),
        (
            "subflow('company.team', 'names', {'n': 'x'}).id",
            "Invalid inputs for subflow 'company.team'.'names': Invalid value for input `n`. Cause: Cannot convert "
            "value 'x' to Integer",
        ),
        (
            "subflow('company.team', 'names', timeout='soon').id",
            "The 'subflow' function 'timeout' must be an ISO-8601 duration (e.g. 'PT30S'), got 'soon'.",
        ),
        (
            "subflow('company.team', 'names', timeout='PT6M').id",
            "The 'subflow' function 'timeout' (PT6M) exceeds the maximum allowed (PT5M).",
        ),
        (
            "subflow('company.team', 'names', labels={'system.from': 'me'}).id",
            "The 'subflow' function cannot set the system label 'system.from'; system labels are reserved (except "
            "'system.correlationId').",
        ),
    ],
)
def test_what_can_not_be_called_is_told_as_a_wrong_input_and_nothing_runs(
    local: kapell.Local, expression: str, sentence: str
) -> None:
    assert refusal(local, expression) == sentence
    assert local.executions() == []


def test_a_flow_that_fails_gives_no_answer(local: kapell.Local) -> None:
    told = refusal(local, "subflow('company.team', 'fails').id")
    (failed,) = local.executions()
    assert told == f"Subflow 'company.team'.'fails' ended in state FAILED (execution {failed.id})."


def test_nobody_waits_longer_than_the_timeout(local: kapell.Local) -> None:
    told = refusal(local, "subflow('company.team', 'waits', timeout='PT0.05S').id")
    (waiting,) = local.executions()
    why = f"execution {waiting.id} has not ended within PT0.05S"
    assert told == f"Failed to run subflow 'company.team'.'waits': {why}"
    local.kill(waiting.id)


def test_flows_that_call_one_another_for_ever_are_stopped(local: kapell.Local) -> None:
    with pytest.raises(kapell.InputError, match="exceeded the maximum nesting depth of 3"):
        local.create("company.team", "round")
    assert local.executions() == []


def test_a_task_may_not_call(local: kapell.Local) -> None:
    local.apply(NAMES.replace("range(1, inputs.n)", "subflow('company.team', 'fails').id"))
    done = local.settled(local.create("company.team", "names"))
    assert done.state == "FAILED"
    assert "can only be used at flow-input render time" in local.logs(done.id)[0].message
