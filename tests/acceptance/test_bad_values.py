"""Values that nothing can be done with: the task that meets them fails and says why, nothing else does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kapell
from acceptance.story import flow, logs, run, runs, state

AFTER = "  - {id: after, type: LOG, message: after}\n"
UNRESOLVED = "ERROR Unable to resolve state from the Flowable task: "
NOT_FOUND = "Unable to find `nope` used in the expression `{{ nope }}` at line 1"


@pytest.fixture
def local() -> Iterator[kapell.Local]:
    with kapell.Local() as local:
        yield local


def failing(local: kapell.Local, task: str) -> tuple[dict[str, str], list[str]]:
    """Run a task that fails and may do so; its flow goes on behind it."""
    inner = ", tasks: [{id: inner, type: LOG, message: x}]" if "Each" in task or "Loop" in task else ""
    id = run(local, flow("bad", f"  - {{{task}{inner}, allowFailure: true}}\n{AFTER}"))
    assert local.execution(id).state == "WARNING"
    histories = runs(local, id)
    assert histories.pop("after") == "CREATED SUBMITTED RUNNING SUCCESS"
    return histories, logs(local, id)[:-1]


@pytest.mark.parametrize("type", ["ForEach, values:", "EachSequential, value:", "EachParallel, value:"])
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('""', "The values are missing: they must be a list"),
        ('"{{ null }}"', "The values are missing: they must be a list"),
        ('"{{ nope }}"', NOT_FOUND),
        ("'[1, 2'", "`[1, 2` is not a list"),
        ("\"{{ 'text' }}\"", "`text` is not a list"),
        ("\"{{ {'a': 1} }}\"", "`{'a': 1}` is not a list"),
        ("[a, null, {k: [1]}]", "Found '1' null values on Each, with values=[a, null, {k=[1]}]"),
    ],
)
def test_a_loop_of_1_x_over_what_is_no_list_fails(local: kapell.Local, type: str, given: str, why: str) -> None:
    histories, said = failing(local, f"id: each, type: FLOW.{type} {given}")
    assert histories == {"each": "CREATED RUNNING WARNING"}
    assert said == [f"{UNRESOLVED}{why}"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ('""', "The `values` must be a list, a map, or an expression that renders to one, but got: ''."),
        ("5", "The `values` must be a list, a map, or an expression that renders to one, but got: '5'."),
        ('"{{ nope }}"', NOT_FOUND),
        ("[1, null]", "Found a null value inside the iteration values=[1,null]"),
        (
            "kestra:///none/of/these.ion",
            "Unable to read the file 'kestra:///none/of/these.ion' as it is not an execution file",
        ),
    ],
)
def test_a_loop_over_what_is_no_list_fails_without_having_run(local: kapell.Local, given: str, why: str) -> None:
    histories, (said,) = failing(local, f"id: loop, type: FLOW.Loop, values: {given}")
    assert histories == {"loop": "CREATED WARNING"}
    assert said.startswith("ERROR Failed to process flowable task ")
    assert said.endswith(f": {why}")


@pytest.mark.parametrize(
    "task",
    [
        "type: FLOW.If, condition: '{{ nope }}', then: [{id: inner, type: LOG, message: x}]",
        "type: FLOW.Switch, value: '{{ nope }}', cases: {a: [{id: inner, type: LOG, message: x}]}",
        "type: FLOW.Pause, pauseDuration: '{{ nope }}'",
    ],
)
def test_a_flowable_whose_expression_fails_says_so(local: kapell.Local, task: str) -> None:
    histories, said = failing(local, f"id: it, {task}, errors: [{{id: handler, type: LOG, message: x}}]")
    assert histories == {"it": "CREATED RUNNING WARNING"}
    assert said == [f"{UNRESOLVED}{NOT_FOUND}"]


@pytest.mark.parametrize("type", ["LOG, message: x", "FLOW.Sequential, tasks: [{id: inner, type: LOG, message: x}]"])
def test_a_condition_that_can_not_be_evaluated_fails_its_task_before_it_runs(local: kapell.Local, type: str) -> None:
    histories, said = failing(local, f"id: it, type: {type}, runIf: '{{{{ nope }}}}'")
    assert histories == {"it": "CREATED WARNING"}
    assert said == [f"ERROR Failed to evaluate the runIf condition for task it. Cause: {NOT_FOUND}"]


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("type: FLOW.Sleep, duration: PT0S", "duration: must be a positive duration"),
        ("type: LOG, message: x, timeout: PT0S", "timeout: must be a positive duration"),
    ],
)
def test_no_time_at_all_is_refused_when_the_task_runs(local: kapell.Local, task: str, why: str) -> None:
    histories, said = failing(local, f"id: it, {task}")
    assert histories == {"it": "CREATED SUBMITTED RUNNING WARNING"}
    assert said == [f"ERROR {why}"]


def test_an_updating_task_that_can_not_be_applied_says_so(local: kapell.Local) -> None:
    histories, said = failing(local, "id: it, type: EXECUTION.Labels, labels: {system.x: a}")
    assert histories == {"it": "CREATED WARNING"}
    reason = "System labels can only be set by Kestra itself, offending label: system.x=a"
    assert said == [f"ERROR Failed to process task: {reason}"]


def test_a_switch_without_a_case_names_itself(local: kapell.Local) -> None:
    id = run(
        local, flow("bad", "  - {id: it, type: FLOW.Switch, value: x, cases: {a: [{id: i, type: LOG, message: x}]}}\n")
    )
    assert logs(local, id) == [f"WARN No task found on flow 'company.team.bad', task 'it', execution '{id}'"]


def test_an_execution_has_all_of_its_outputs_or_none(local: kapell.Local) -> None:
    outputs = "outputs:\n  - {id: good, type: STRING, value: x}\n  - {id: bad, type: STRING, value: '{{ nope }}'}\n"
    id = run(local, flow("half", "  - {id: a, type: LOG, message: a}\n", outputs))
    assert state(local, id) == "CREATED RUNNING SUCCESS FAILED"
    assert local.execution(id).outputs == {}


@pytest.mark.parametrize("type", ["ForEach, values:", "EachSequential, value:", "EachParallel, value:"])
def test_more_values_than_an_execution_can_hold_are_refused(local: kapell.Local, type: str) -> None:
    _, (said,) = failing(local, f"id: each, type: FLOW.{type} '{{{{ range(1, 100001) }}}}'")
    assert said.startswith(f"{UNRESOLVED}100,001 values are too many, there may be 100,000; ")


def test_a_task_of_a_dag_does_not_wait_for_a_disabled_one(local: kapell.Local) -> None:
    tasks = """
  - id: dag
    type: FLOW.Dag
    tasks:
      - {task: {id: never, type: LOG, message: x, disabled: true}}
      - {task: {id: then, type: LOG, message: x}, dependsOn: [never]}
"""
    id = run(local, flow("dag", tasks))
    assert runs(local, id) == {"dag": "CREATED RUNNING SUCCESS", "then": "CREATED SUBMITTED RUNNING SUCCESS"}


def test_a_task_of_a_dag_may_not_depend_on_itself(local: kapell.Local) -> None:
    tasks = "  - {id: dag, type: FLOW.Dag, tasks: [{task: {id: a, type: LOG, message: x}, dependsOn: [a]}]}\n"
    with pytest.raises(kapell.InvalidFlow, match="Cyclic dependency detected: a"):
        local.apply(flow("dag", tasks))


def test_a_task_that_fails_on_a_condition_says_what_and_why_in_two_lines(local: kapell.Local) -> None:
    errors = "errors:\n  - {id: count, type: LOG, message: \"{{ errorLogs() | jq('map(.message)') | first }}\"}\n"
    fails = "  - {id: it, type: FAIL, condition: '{{ 1 == 1 }}', errorMessage: no rows}\n"
    id = run(local, flow("fails", fails, errors))
    assert logs(local, id) == ["ERROR no rows", "ERROR Fail on a condition", 'INFO ["no rows","Fail on a condition"]']
    assert local.execution(id).task_runs[0].error == "no rows"
