"""What a Subflow task shows of the execution that it has started, and what it hands on to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import kapell
from acceptance.story import children, flow, logs, run, runs, state

CALLED = """id: called
namespace: company.team
labels: {team: its-own}
inputs: [{id: ends, type: STRING, defaults: SUCCESS}]
tasks:
  - {id: leave, type: io.kestra.plugin.core.execution.Exit, state: "{{ inputs.ends }}"}
"""


@pytest.fixture
def local() -> Iterator[kapell.Local]:
    with kapell.Local() as local:
        yield local


@pytest.mark.parametrize(
    ("ends", "more", "history"),
    [
        ("FAILED", "", "FAILED"),
        ("FAILED", "allowFailure: true", "FAILED WARNING"),
        ("FAILED", "allowFailure: true, allowWarning: true", "FAILED SUCCESS"),
        ("FAILED", "transmitFailed: false", "FAILED SUCCESS"),
        ("WARNING", "", "WARNING"),
        ("WARNING", "allowWarning: true", "WARNING SUCCESS"),
        ("WARNING", "transmitFailed: false", "WARNING SUCCESS"),
        ("KILLED", "", "KILLED"),
        ("KILLED", "transmitFailed: false", "KILLED SUCCESS"),
        ("CANCELLED", "", "CANCELLED SUCCESS"),
    ],
)
def test_the_end_of_the_called_execution_shows_in_the_history_also_where_it_is_softened(
    local: kapell.Local, ends: str, more: str, history: str
) -> None:
    given = f"{{id: call, type: FLOW.Subflow, namespace: company.team, flowId: called, inputs: {{ends: {ends}}}"
    id = run(local, CALLED, flow("calls", f"  - {given}{', ' * bool(more)}{more}}}\n"))
    assert runs(local, id) == {"call": f"CREATED RUNNING {history}"}
    assert local.execution(id).state == history.split()[-1]


def test_inherited_labels_do_not_replace_those_of_the_called_flow(local: kapell.Local) -> None:
    given = "inheritLabels: true, labels: {asked: here}"
    calls = f"  - {{id: call, type: FLOW.Subflow, namespace: company.team, flowId: called, {given}}}\n"
    id = run(local, CALLED, flow("calls", calls, "labels: {team: parent, tier: gold}\n"))
    (called,) = children(local, id)
    shown = {key: value for key, value in called.labels.items() if not key.startswith("system.")}
    assert shown == {"team": "its-own", "tier": "gold", "asked": "here"}


def test_the_called_execution_knows_in_which_turn_of_a_loop_it_was_started(local: kapell.Local) -> None:
    call = "{id: call, type: FLOW.Subflow, namespace: company.team, flowId: called}"
    id = run(local, CALLED, flow("calls", f"  - {{id: each, type: FLOW.ForEach, values: [x, y], tasks: [{call}]}}\n"))
    triggers = [one.row.trigger.variables for one in children(local, id) if one.row.trigger]
    assert {one["taskRunValue"]: one["taskRunIteration"] for one in triggers} == {"x": 0, "y": 1}


@pytest.mark.parametrize("type", ["Subflow", "ForEachItem, items: x"])
@pytest.mark.parametrize("given", ["{system.from: me}", "[{key: system.from, value: me}]"])
def test_system_labels_can_not_be_given_to_a_subflow(local: kapell.Local, type: str, given: str) -> None:
    call = f"{{id: call, type: FLOW.{type}, namespace: company.team, flowId: called, labels: {given}}}"
    with pytest.raises(kapell.InvalidFlow, match="System labels can only be set by Kestra itself, offending label"):
        local.apply(flow("calls", f"  - {call}\n"))


def test_a_flow_that_calls_itself_ends_and_says_so(local: kapell.Local) -> None:
    call = '{id: call, type: FLOW.Subflow, namespace: company.team, flowId: "{{ flow.id }}"}'
    id = run(local, flow("round", f"  - {call}\n"))
    assert state(local, id) == "CREATED RUNNING FAILED"
    why = [line for one in local.executions() for line in logs(local, one.id) if "levels deep" in line]
    assert why == ["ERROR Executions call one another more than 50 levels deep; does a flow call itself?"]
    assert {str(one.state) for one in local.executions()} == {"FAILED"}


def test_labels_may_be_given_as_a_list(local: kapell.Local) -> None:
    given = 'labels: [{key: from, value: "{{ flow.id }}"}]'
    calls = f"  - {{id: call, type: FLOW.Subflow, namespace: company.team, flowId: called, {given}}}\n"
    (called,) = children(local, run(local, CALLED, flow("calls", calls)))
    assert called.labels["from"] == "calls"


def test_a_called_execution_begins_at_its_date(local: kapell.Local) -> None:
    given = "scheduleDate: \"{{ now() | dateAdd(1, 'SECONDS') }}\""
    calls = f"  - {{id: call, type: FLOW.Subflow, namespace: company.team, flowId: called, {given}}}\n"
    id = run(local, CALLED, flow("calls", calls))
    (called,) = children(local, id)
    created, begun = called.row.history[:2]
    assert called.row.schedule_date is not None
    assert created.at < called.row.schedule_date <= begun.at
    assert runs(local, id) == {"call": "CREATED RUNNING SUCCESS"}


def test_a_date_that_is_none_fails_the_task(local: kapell.Local) -> None:
    call = "{id: call, type: FLOW.Subflow, namespace: company.team, flowId: called, scheduleDate: tomorrow}"
    id = run(local, CALLED, flow("calls", f"  - {call}\n"))
    assert runs(local, id) == {"call": "CREATED FAILED"}
    assert logs(local, id) == ["ERROR scheduleDate: Cannot convert value 'tomorrow' to Instant"]


def test_nor_to_an_execution_that_a_person_starts_but_for_the_correlation(local: kapell.Local) -> None:
    local.apply(CALLED)
    with pytest.raises(kapell.Refused, match="System labels can only be set by Kestra itself, offending label: system"):
        local.create("company.team", "called", labels={"system.replay": "true"})
    id = local.create("company.team", "called", labels={"system.correlationId": "order-7"})
    assert local.wait(id, timeout=5).labels["system.correlationId"] == "order-7"


def test_items_that_are_no_file_are_refused(local: kapell.Local) -> None:
    each = "{id: each, type: FLOW.ForEachItem, items: some text, namespace: company.team, flowId: called}"
    id = run(local, CALLED, flow("calls", f"  - {each}\n"))
    assert runs(local, id) == {"each": "CREATED RUNNING FAILED", "each_split": "CREATED SUBMITTED RUNNING FAILED"}
    assert logs(local, id) == ["ERROR Unable to split the items from some text, this is not an internal storage URI!"]
