"""The Flow trigger: what it hears of, what it waits for."""

from __future__ import annotations

import pytest

from kapell.model.flow import Trigger
from kapell.plugins.core.trigger import _dependency
from kapell.plugins.core.trigger.flow import Flow
from kapell.sdk.condition import ExecutionFacts
from kapell.sdk.prop import by_name, unrendered
from plugins.core.condition.conditions import FAILED, context

EXECUTION_FLOW = "io.kestra.plugin.core.condition.ExecutionFlow"
NOT = "io.kestra.plugin.core.condition.Not"


def flow_trigger(**given: object) -> Flow:
    return Flow.bind(by_name(Flow, given), unrendered)


def in_state(state: str) -> ExecutionFacts:
    return {**FAILED, "state": state}


@pytest.mark.parametrize(
    ("states", "heard"), [([], {"FAILED", "PAUSED", "SUCCESS", "KILLED"}), (["RUNNING"], {"RUNNING"})]
)
def test_it_hears_of_final_states_and_pauses_unless_told_otherwise(states: list[str], heard: set[str]) -> None:
    trigger = flow_trigger(states=states)
    known = ["RUNNING", "QUEUED", "FAILED", "PAUSED", "SUCCESS", "KILLED"]
    assert {state for state in known if trigger.hears(context(execution=in_state(state)))} == heard


def test_it_hears_what_its_expression_and_its_conditions_let_through() -> None:
    failed = context({"labels": {"owner": "ada"}}, execution=FAILED)
    warned = {"type": "io.kestra.plugin.core.condition.ExecutionStatus", "in": ["WARNING"]}
    assert flow_trigger(when="{{ labels.owner == 'ada' }}").hears(failed)
    assert not flow_trigger(when="{{ labels.owner == 'bob' }}").hears(failed)
    assert not flow_trigger(conditions=[warned]).hears(failed)


@pytest.mark.parametrize(
    ("dependency", "holds"),
    [
        ({}, True),
        ({"namespace": "company.team", "flowId": "extract"}, True),
        ({"namespace": "company"}, False),
        ({"states": ["SUCCESS"]}, False),
        ({"labels": {"priority": 1}}, True),
        ({"labels": {"priority": 2}}, False),
        ({"when": "{{ labels.owner == 'ada' }}"}, True),
        ({"when": "{{ labels.owner == 'bob' }}"}, False),
    ],
)
def test_a_dependency_names_what_matters_of_an_execution(dependency: dict[str, object], holds: bool) -> None:
    (awaited,) = flow_trigger(dependsOn=[dependency]).waits_for().values()
    assert awaited.holds(context({"labels": {"owner": "ada"}}, execution=FAILED)) is holds


@pytest.mark.parametrize(
    ("filter", "holds"),
    [
        ({"field": "FLOW_ID", "type": "EQUAL_TO", "value": "extract"}, True),
        ({"field": "FLOW_ID", "type": "NOT_EQUAL_TO", "value": "extract"}, False),
        ({"field": "STATE", "type": "IN", "values": ["FAILED", "KILLED"]}, True),
        ({"field": "STATE", "type": "NOT_IN", "values": ["FAILED"]}, False),
        ({"field": "NAMESPACE", "type": "STARTS_WITH", "value": "company"}, True),
        ({"field": "NAMESPACE", "type": "ENDS_WITH", "value": "company"}, False),
        ({"field": "NAMESPACE", "type": "CONTAINS", "value": "ny.te"}, True),
        ({"field": "NAMESPACE", "type": "REGEX", "value": "company\\..*"}, True),
        ({"field": "NAMESPACE", "type": "IS_NULL"}, False),
        ({"field": "NAMESPACE", "type": "IS_NOT_NULL"}, True),
        ({"field": "EXPRESSION", "type": "IS_TRUE", "value": "{{ labels.owner == 'ada' }}"}, True),
        ({"field": "EXPRESSION", "type": "IS_FALSE", "value": "{{ labels.owner == 'ada' }}"}, False),
    ],
)
def test_a_filter_compares_one_thing_of_an_execution(filter: dict[str, object], holds: bool) -> None:
    trigger = flow_trigger(preconditions={"id": "p", "where": [{"id": "one", "filters": [filter]}]})
    assert trigger.waits_for()["one"].holds(context({"labels": {"owner": "ada"}}, execution=FAILED)) is holds


def test_a_pattern_that_takes_too_long_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dependency, "MATCH_SECONDS", 0.1)
    far: ExecutionFacts = {**FAILED, "namespace": "a" * 5_000 + "!"}
    filter = {"field": "NAMESPACE", "type": "REGEX", "value": "(a+)+"}
    trigger = flow_trigger(preconditions={"id": "p", "where": [{"id": "one", "filters": [filter]}]})
    assert trigger.waits_for()["one"].holds(context({}, execution=far)) is False


def test_filters_are_joined_by_and_unless_told_otherwise() -> None:
    filters = [{"field": "STATE", "type": "EQUAL_TO", "value": state} for state in ("FAILED", "KILLED")]
    where = [{"id": "all", "filters": filters}, {"id": "any", "operand": "OR", "filters": filters}]
    awaited = flow_trigger(preconditions={"id": "p", "where": where}).waits_for()
    assert {name for name, item in awaited.items() if item.holds(context(execution=FAILED))} == {"any"}


def test_enough_has_come_when_all_have_or_any_or_so_many() -> None:
    flows = [{"flowId": name} for name in ("a", "b", "c")]
    names = ["dependsOn[0]", "dependsOn[1]", "dependsOn[2]"]
    enough = {
        mode: [flow_trigger(dependsOn=flows, mode=mode, minSatisfied=2).satisfied(names[:n]) for n in range(4)]
        for mode in ("ALL", "ANY", "AT_LEAST")
    }
    assert enough == {
        "ALL": [False, False, False, True],
        "ANY": [False, True, True, True],
        "AT_LEAST": [False, False, True, True],
    }
    assert flow_trigger().satisfied([])


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({}, None),
        ({"dependsOn": [{"flowId": "a"}, {"flowId": "b"}]}, {"a", "b"}),
        ({"dependsOn": [{"flowId": "a"}, {"namespace": "n"}]}, None),
        ({"preconditions": {"id": "p", "where": [{"id": "w", "filters": []}], "flows": [{"flowId": "a"}]}}, None),
        ({"conditions": [{"type": EXECUTION_FLOW, "namespace": "n", "flowId": "a"}]}, {"a"}),
        (
            {"conditions": [{"type": NOT, "conditions": [{"type": EXECUTION_FLOW, "namespace": "n", "flowId": "a"}]}]},
            None,
        ),
    ],
)
def test_it_tells_which_flows_it_can_hear_of_where_it_names_them_all(
    given: dict[str, object], ids: set[str] | None
) -> None:
    assert flow_trigger(**given).flow_ids() == ids


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"mode": "AT_LEAST"}, [("", "`minSatisfied` must be set when mode is AT_LEAST")]),
        (
            {"mode": "AT_LEAST", "min_satisfied": 2, "depends_on": [{}]},
            [("", "`minSatisfied` cannot be greater than the number of `dependsOn` conditions (1)")],
        ),
        ({"min_satisfied": 0}, [("minSatisfied", "must be greater than 0")]),
        ({"window": {"timezone": "EST"}}, [("window.timezone", "timezone '(EST)' is not a valid time-zone ID")]),
        (
            {"preconditions": {"id": "p", "timeWindow": {"deadline": "09:00:00"}}},
            [("preconditions.timeWindow", "Time window of type `DURATION_WINDOW` cannot have a deadline.")],
        ),
        ({"depends_on": [{"flowId": "a"}], "window": {"lookback": "PT1H"}}, []),
    ],
)
def test_the_checker_hears_what_does_not_fit(given: dict[str, object], problems: list[tuple[str, str]]) -> None:
    assert list(Flow.check(Trigger(id="t", type="Flow", properties=given))) == problems
