import pytest

from attempts import attempt
from kapell.model.state import State

FAIL = "io.kestra.plugin.core.execution.Fail"


def test_it_fails_with_its_message() -> None:
    ran = attempt(FAIL, {"error_message": "no rows for {{ inputs.day }}"}, variables={"inputs": {"day": "Monday"}})
    assert (ran.result.state, ran.result.error) == (State.FAILED, "no rows for Monday")
    assert ran.said == [("ERROR", "no rows for Monday")]


@pytest.mark.parametrize(("condition", "state"), [("{{ true }}", State.FAILED), ("{{ 0 }}", State.SUCCESS)])
def test_a_condition_decides(condition: str, state: State) -> None:
    assert attempt(FAIL, {"condition": condition}).result.state is state


def test_a_condition_that_can_not_be_rendered_fails_the_task_with_the_place() -> None:
    ran = attempt(FAIL, {"condition": "{{ missing }}"})
    assert ran.result.error == "Unable to find `missing` used in the expression `{{ missing }}` at line 1"
    assert ran.lines[0].message.startswith(ran.result.error)
    assert ran.lines[0].message.splitlines()[1:3] == ["  {{ missing }}", "     ^"]
