"""Checks of a flow: which hold, and what they leave of an execution."""

from __future__ import annotations

import pytest

import factories
from kapell.engine.check import Behavior, FailedCheck, checked, failed_checks
from kapell.errors import Refused
from kapell.expr import Env, render
from kapell.model.flow import Flow
from kapell.model.messages import ExecutionCreated, Poisoned
from kapell.source import load

FLOW = """
id: hello
namespace: company.team
labels: {{team: red}}
inputs: [{{id: n, type: INT}}]
checks: [{{when: "{when}", message: Not now}}]
tasks: [{{id: a, type: io.kestra.plugin.core.debug.Return, format: a}}]
"""


def asked(flow: Flow, n: object) -> tuple[FailedCheck, ...]:
    env = Env(now=lambda: factories.NOW)
    return failed_checks(
        flow,
        {"n": n},
        id="e",
        now=factories.NOW,
        render=lambda value, seen, typed: render(value, seen, env, "typed" if typed else "text"),
    )


@pytest.mark.parametrize(
    "when", ["{{ inputs.n > 3 }}", "{{ flow.id == 'hello' }}", "{{ labels.team == 'red' and execution.id == 'e' }}"]
)
def test_a_check_sees_the_inputs_and_what_the_execution_will_be(when: str) -> None:
    assert asked(load(FLOW.format(when=when)), 5) == ()


@pytest.mark.parametrize("when", ["{{ inputs.n > 3 }}", "{{ inputs.n }}", "{{ 'true' }}", "yes, it holds"])
def test_only_what_is_true_holds(when: str) -> None:
    assert asked(load(FLOW.format(when=when)), 1) == (FailedCheck(message="Not now"),)


def test_a_check_that_can_not_be_rendered_blocks_and_says_why() -> None:
    (failed,) = asked(load(FLOW.format(when="{{ nothing.here }}")), 1)
    assert failed.message.startswith("Failed to evaluate check condition. Cause: ")
    assert (failed.style, failed.behavior) == ("ERROR", Behavior.BLOCK_EXECUTION)


def test_the_old_word_for_when_is_understood() -> None:
    flow = load(FLOW.format(when="{{ inputs.n > 3 }}").replace("when:", "condition:"))
    assert (len(asked(flow, 1)), len(asked(flow, 5))) == (1, 0)


def failed(*behaviors: str) -> list[FailedCheck]:
    return [FailedCheck(message=f"{name[:5]}?", behavior=Behavior(name)) for name in behaviors]


def test_what_only_warns_lets_the_execution_be() -> None:
    new = factories.created()
    assert checked(new, []) is checked(new, failed("CREATE_EXECUTION")) is new


def test_the_most_restrictive_check_wins() -> None:
    with pytest.raises(Refused) as refused:
        checked(factories.created(), failed("CREATE_EXECUTION", "BLOCK_EXECUTION", "FAIL_EXECUTION"))
    assert str(refused.value).endswith("evaluated to false.\nFailed checks: CREAT?, BLOCK?, FAIL_?")


def test_a_check_that_fails_the_execution_is_the_first_thing_that_happens_to_it() -> None:
    new = factories.created()
    assert isinstance(new.event, ExecutionCreated)
    left = checked(new, failed("FAIL_EXECUTION", "CREATE_EXECUTION", "FAIL_EXECUTION"))
    assert left.execution == new.execution
    assert isinstance(left.event, Poisoned)
    assert (left.event.id, left.event.error) == (new.event.id, "FAIL_?\nFAIL_?")
