"""What may stand behind `outputs.` and `vars.`: for each kind of task, and each place that it is seen from."""

from __future__ import annotations

import pytest

from kapell.model.flow import Flow
from kapell.source import complete, load

CORE = "io.kestra.plugin.core."
RETURN = f"type: {CORE}debug.Return"


class Flows:
    """One flow that can be called."""

    def find(self, namespace: str, id: str) -> Flow | None:
        source = f"id: {id}\nnamespace: {namespace}\noutputs: [{{id: total, type: INT, value: '1'}}]\n"
        return load(f"{source}tasks: [{{id: t, {RETURN}}}]\n") if (namespace, id) == ("a.b", "called") else None


def offered(tasks: str, expression: str, rest: str = "") -> list[str]:
    """The labels behind `expression` in a last task, after these."""
    text = f"id: x\nnamespace: a.b\n{rest}tasks:\n{tasks}  - id: last\n    {RETURN}\n    format: '{{{{ {expression}"
    return [one.label for one in complete(text, text.count("\n") + 1, len(text) - text.rfind("\n"), Flows())]


def task(type: str, more: str = "") -> str:
    return f"  - id: one\n    type: {CORE}{type}\n" + "".join(f"    {line}\n" for line in more.splitlines())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (task("flow.If", "condition: x"), ["evaluationResult"]),
        (task("flow.Switch", "value: x"), ["value", "defaults"]),
        (task("flow.LoopUntil", "condition: x"), ["iterationCount"]),
        (
            task("flow.Loop", "values: [1]"),
            ["iterationCount", "runningIterations", "terminatedIterations", "outputs"],
        ),
        (task("flow.Pause"), ["onResume", "resumed"]),
        (task("flow.Approval"), ["decision", "auto", "by", "on", "comment", "inputs"]),
        (task("flow.WorkingDirectory"), ["outputFiles"]),
        (task("flow.Subflow", "namespace: a.b\nflowId: called"), ["executionId", "state", "outputs"]),
        (task("flow.Sequential"), []),
        (task("log.Log", "message: x"), []),
    ],
)
def test_a_task_offers_the_outputs_of_its_type(written: str, expected: list[str]) -> None:
    assert offered(written, "outputs.one.") == expected


@pytest.mark.parametrize(
    ("written", "path", "expected"),
    [
        (
            task("flow.Pause", "onResume: [{id: why, type: STRING}, {id: who, type: STRING}]"),
            "onResume",
            ["why", "who"],
        ),
        (task("flow.Approval", "inputs: [{id: why, type: STRING}]"), "inputs", ["why"]),
        (task("flow.Subflow", "namespace: a.b\nflowId: called"), "outputs", ["total"]),
        (task("flow.Subflow", "namespace: a.b\nflowId: other"), "outputs", []),
        (task("output.OutputValues", "values: {a: 1, b: 2}"), "values", ["a", "b"]),
        (
            "  - id: one\n    type: io.kestra.plugin.scripts.shell.Script\n    outputFiles: [a.csv, '*.txt']\n",
            "outputFiles",
            ["a.csv"],
        ),
    ],
)
def test_what_a_task_says_about_an_output_is_offered_inside_of_it(written: str, path: str, expected: list[str]) -> None:
    assert offered(written, f"outputs.one.{path}.") == expected


def test_the_outputs_of_a_loop_lie_under_its_values() -> None:
    inner = f"tasks:\n  - {{id: inner, {RETURN}}}\n"
    loop = task("flow.ForEach", f"values: [a, 2]\n{inner}")
    assert offered(loop, "outputs.inner.") == ["a", "2"]
    assert offered(loop, "outputs.inner['a'].") == ["value"]
    assert offered(task("flow.EachSequential", f"value: '[\"x\"]'\n{inner}"), "outputs.inner.") == ["x"]
    assert offered(task("flow.ForEach", f"values: '{{{{ inputs.list }}}}'\n{inner}"), "outputs.inner.") == []


def test_inside_of_its_turn_an_output_of_a_loop_is_that_of_the_turn() -> None:
    text = (
        f"id: x\ntasks:\n  - id: each\n    type: {CORE}flow.ForEach\n    values: [a]\n    tasks:\n"
        f"      - {{id: inner, {RETURN}}}\n      - id: last\n        {RETURN}\n        format: '{{{{ outputs.inner."
    )
    assert [one.label for one in complete(text, 10, len(text) - text.rfind("\n"))] == ["value"]


def test_the_outputs_of_loops_inside_each_other_lie_under_the_values_of_both() -> None:
    loops = task(
        "flow.ForEach",
        f"values: [a]\ntasks:\n  - id: two\n    type: {CORE}flow.ForEach\n    values: [b]\n"
        f"    tasks: [{{id: inner, {RETURN}}}]",
    )
    assert offered(loops, "outputs.inner.a.") == ["b"]
    assert offered(loops, "outputs.inner.a.b.") == ["value"]


def test_a_loop_over_batches_has_outputs_under_the_names_of_its_parts() -> None:
    loop = task("flow.ForEachItem", "namespace: a.b\nflowId: called\nitems: x")
    assert offered(loop, "outputs.one_") == ["one_split", "one_items", "one_merge"]
    assert offered(loop, "outputs.one_merge.") == ["subflowOutputs"]


def test_variables_that_a_task_sets_are_offered_beside_those_of_the_flow() -> None:
    setting = task("execution.SetVariables", "variables: {later: 1}")
    assert offered(setting, "vars.", "variables: {first: 1}\n") == ["first", "later"]


def test_an_output_says_what_it_is() -> None:
    text = f"id: x\ntasks:\n{task('flow.If', 'condition: x')}  - id: last\n    {RETURN}\n    format: '{{{{ outputs.one."
    (one,) = complete(text, text.count("\n") + 1, len(text) - text.rfind("\n"))
    assert (one.detail, one.documentation) == ("boolean", "Whether the condition held.")
