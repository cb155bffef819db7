"""Many flows at once, each held against the others."""

from __future__ import annotations

from kapell.source import FlowFile, check_all

TASK = "{id: t, type: io.kestra.plugin.core.log.Log, message: m}"
CHILD = f"id: child\nnamespace: a\ninputs: [{{id: n, type: INT}}]\ntasks: [{TASK}]\n"


def caller(id: str, called: str, inputs: str = "{n: 1}") -> str:
    task = f"{{id: t, type: io.kestra.plugin.core.flow.Subflow, namespace: a, flowId: {called}, inputs: {inputs}}}"
    return f"id: {id}\nnamespace: a\ntasks: [{task}]\n"


def found(**sources: str) -> dict[str, list[str]]:
    checked = check_all([FlowFile(name, text) for name, text in sources.items()])
    return {name: [problem.code for problem in problems] for name, problems in checked}


def test_flows_that_fit_have_no_problems() -> None:
    assert found(one=caller("one", "child"), child=CHILD) == {"one": [], "child": []}


def test_a_subflow_that_is_in_no_file_is_missing() -> None:
    assert found(one=caller("one", "nobody"), child=CHILD)["one"] == ["unknown-flow"]


def test_inputs_must_fit_the_flow_that_is_called() -> None:
    assert found(one=caller("one", "child", "{}"), child=CHILD)["one"] == ["missing-input"]
    assert found(one=caller("one", "child", "{n: 1, m: 2}"), child=CHILD)["one"] == ["unknown-input"]
    assert found(one=caller("one", "child", "{n: x}"), child=CHILD)["one"] == ["bad-value"]


def test_flows_that_call_each_other_are_a_circle() -> None:
    checked = found(one=caller("one", "two", "{}"), two=caller("two", "one", "{}"))
    assert checked == {"one": ["cycle"], "two": ["cycle"]}


def test_a_flow_that_is_there_twice_is_an_error_that_names_both_files() -> None:
    checked = dict(check_all([FlowFile("a.yaml", CHILD), FlowFile("b.yaml", CHILD)]))
    first, second = (checked[name][0] for name in ("a.yaml", "b.yaml"))
    assert (first.severity, first.code, first.line) == ("error", "duplicate-flow", 1)
    assert first.message == "the flow a.child is in a.yaml and in b.yaml"
    assert second.message == "the flow a.child is in b.yaml and in a.yaml"


def test_a_flow_with_errors_can_be_called_as_far_as_it_can_be_read() -> None:
    checked = found(one=caller("one", "child", "{}"), child=CHILD + "nonsense: 1\n")
    assert checked == {"one": ["missing-input"], "child": ["unknown-property"]}


def test_a_text_that_is_no_yaml_does_not_stop_the_others() -> None:
    assert found(one=caller("one", "child"), child=CHILD, bad="a: [")["bad"] == ["yaml"]
