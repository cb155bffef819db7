from __future__ import annotations

from attempts import Ran, attempt, named
from kapell.model.state import State
from store_doors import Opened

TYPE = "io.kestra.plugin.core.state."


def run(around: Opened, which: str, value: str | None = None, **properties: object) -> Ran:
    variables = {"taskrun": {"value": value} if value else {}}
    given = named(f"{TYPE}{which}", properties)
    return attempt(f"{TYPE}{which}", given, doors=around.doors, clock=around.clock, variables=variables)


def test_values_are_merged_into_a_state_that_is_found_again(around: Opened) -> None:
    key = "hello_states_tasks-states_default"
    assert run(around, "Set", data={"a": 1}).result.outputs == {"count": 1, "key": key}
    assert run(around, "Set", data={"b": {"c": 2}}).result.outputs == {"count": 2, "key": key}
    assert run(around, "Get").result.outputs == {"count": 2, "data": {"a": 1, "b": {"c": 2}}}
    assert run(around, "Delete").result.outputs == {"deleted": True}
    assert run(around, "Get").result.outputs == {"count": 0, "data": {}}


def test_a_state_is_told_apart_by_name_and_by_the_value_of_an_iteration(around: Opened) -> None:
    run(around, "Set", "x", data={"a": 1})
    assert run(around, "Get", "y").result.outputs == {"count": 0, "data": {}}
    assert run(around, "Get", "x", name="other").result.outputs == {"count": 0, "data": {}}
    assert run(around, "Get", "x").result.outputs == {"count": 1, "data": {"a": 1}}
    run(around, "Set", "x", data={"a": 2}, taskrunValue=False)
    assert run(around, "Get", "y", taskrunValue=False).result.outputs == {"count": 1, "data": {"a": 2}}


def test_a_state_of_the_namespace_bears_no_flow(around: Opened) -> None:
    outputs = run(around, "Set", namespace=True, name="cursor", data={"a": 1}).result.outputs
    assert outputs == {"count": 1, "key": "states_tasks-states_cursor"}


def test_a_missing_state_fails_where_that_is_asked_for(around: Opened) -> None:
    for name in ("Get", "Delete"):
        ran = run(around, name, errorOnMissing=True)
        assert ran.result.state is State.FAILED
        assert ran.said == [("ERROR", "State hello_states_tasks-states_default not found")]
