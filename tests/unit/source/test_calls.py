"""Calls of other flows, looked up where they are."""

from __future__ import annotations

from kapell.errors import KapellError
from kapell.model.flow import Flow, Task
from kapell.model.input import Input
from kapell.source import check
from unit.source.sources import flow

SUBFLOW = "io.kestra.plugin.core.flow.Subflow"


class Flows:
    """Flows by id, all of one namespace."""

    def __init__(self, *flows: Flow) -> None:
        self.flows = {(flow.namespace, flow.id): flow for flow in flows}

    def find(self, namespace: str, id: str) -> Flow | None:
        """As asked."""
        return self.flows.get((namespace, id))


def target(id: str, calls: str = "", **given: bool) -> Flow:
    call = Task("c", SUBFLOW, {"namespace": "a.b", "flow_id": calls})
    inputs = (Input("day", "DATE"), Input("size", "INT", defaults=1))
    return Flow(id, "a.b", "", (call,), inputs=inputs, **given)


def warnings(flows: Flows, rest: str) -> list[str]:
    source = flow(tasks=f"{{id: s, type: {SUBFLOW}, namespace: a.b, {rest}}}")
    return [problem.message for problem in check(source, flows) if problem.severity == "warning"]


def test_a_flow_that_is_not_there_is_a_warning() -> None:
    assert warnings(Flows(), "flowId: y") == ["The subflow 'y' not found in namespace 'a.b'."]


def test_inputs_must_fit_the_flow_that_is_called() -> None:
    assert warnings(Flows(target("y")), "flowId: y, inputs: {size: x, nope: 1}") == [
        "the flow 'y' needs the input `day`",
        "`x` is not a valid INT value",
        "the flow 'y' has no input `nope`",
    ]
    assert warnings(Flows(target("y")), "flowId: y, inputs: {day: '{{ trigger.date }}'}") == []


def test_a_cycle_of_calls_is_a_warning() -> None:
    flows = Flows(target("y", "z"), target("z", "x"))
    assert warnings(flows, "flowId: y, inputs: {day: 2024-01-01}") == ["the flow 'y' calls this flow in its turn"]


def test_a_disabled_flow_is_a_warning() -> None:
    assert warnings(Flows(target("y", disabled=True)), "flowId: y, inputs: {day: 2024-01-01}") == [
        "the flow 'y' is disabled"
    ]


def test_what_is_only_known_when_it_runs_is_not_looked_up() -> None:
    class Nowhere:
        def find(self, namespace: str, id: str) -> Flow | None:
            raise KapellError(f"looked up {namespace}.{id}")

    assert warnings(Nowhere(), "flowId: '{{ inputs.flow ?? 1 }}'") == []  # type: ignore[arg-type]  # any lookup will do
