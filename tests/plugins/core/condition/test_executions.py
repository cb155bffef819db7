"""Conditions on executions and flows."""

from __future__ import annotations

import pytest

from kapell.sdk.condition import IllegalCondition
from plugins.core.condition.conditions import FAILED, bound, context


@pytest.mark.parametrize(
    ("type", "given", "holds"),
    [
        ("ExecutionFlow", {"namespace": "company.team", "flowId": "extract"}, True),
        ("ExecutionFlow", {"namespace": "company", "flowId": "extract"}, False),
        ("ExecutionNamespace", {"namespace": "company"}, False),
        ("ExecutionNamespace", {"namespace": "company", "prefix": True}, True),
        ("ExecutionNamespace", {"namespace": "comp", "comparison": "PREFIX"}, True),
        ("ExecutionNamespace", {"namespace": "team", "comparison": "SUFFIX"}, True),
        ("ExecutionNamespace", {"namespace": "company", "comparison": "EQUALS", "prefix": True}, False),
        ("ExecutionStatus", {"in": ["FAILED", "WARNING"]}, True),
        ("ExecutionStatus", {"in": ["SUCCESS"]}, False),
        ("ExecutionStatus", {"notIn": ["FAILED"]}, False),
        ("ExecutionStatus", {}, True),
        ("ExecutionLabels", {"labels": {"owner": "ada", "priority": 1}}, True),
        ("ExecutionLabels", {"labels": [{"key": "owner", "value": "bob"}]}, False),
        ("HasRetryAttempt", {"in": ["KILLED"]}, True),
        ("HasRetryAttempt", {"in": ["SUCCESS"]}, False),
        ("HasRetryAttempt", {"in": ["KILLED"], "notIn": ["KILLED"]}, False),
        ("HasRetryAttempt", {}, False),
        ("ExecutionOutputs", {"expression": "{{ trigger.outputs.rows > 2 }}"}, True),
        ("ExecutionOutputs", {"expression": "{{ trigger.outputs.rows > 3 }}"}, False),
    ],
)
def test_a_condition_holds_for_some_executions(type: str, given: dict[str, object], holds: bool) -> None:
    ctx = context({"trigger": {"outputs": {"rows": 3}}}, execution=FAILED)
    assert bound(type, **given).holds(ctx) is holds
    with pytest.raises(IllegalCondition, match="Invalid condition with null execution"):
        bound(type, **given).holds(context({"trigger": {"outputs": {"rows": 3}}}))


@pytest.mark.parametrize(
    ("type", "given", "holds"),
    [
        ("FlowCondition", {"namespace": "company.team", "flowId": "load"}, True),
        ("FlowCondition", {"namespace": "company.team", "flowId": "extract"}, False),
        ("FlowNamespaceCondition", {"namespace": "company.team"}, True),
        ("FlowNamespaceCondition", {"namespace": "company"}, False),
        ("FlowNamespaceCondition", {"namespace": "company", "prefix": True}, True),
    ],
)
def test_a_condition_holds_within_some_flows(type: str, given: dict[str, object], holds: bool) -> None:
    assert bound(type, **given).holds(context(flow={"namespace": "company.team", "id": "load"})) is holds
    with pytest.raises(IllegalCondition, match="Invalid condition with null flow"):
        bound(type, **given).holds(context())


def test_an_execution_without_outputs_is_not_asked_about_them() -> None:
    condition = bound("ExecutionOutputs", expression="{{ trigger.outputs.rows > 2 }}")
    assert not condition.holds(context(execution={**FAILED, "outputs": {}}))


@pytest.mark.parametrize(("value", "holds"), [(True, True), ("", False), (0, False), ("False", True), ([], True)])
def test_an_expression_holds_by_what_its_text_is_worth(value: object, holds: bool) -> None:
    assert bound("Expression", expression="{{ value }}").holds(context({"value": value})) is holds


def test_many_conditions_hold_once_all_of_them_have_held_within_the_window() -> None:
    both = bound(
        "MultipleCondition",
        id="both",
        conditions={
            "a": {
                "type": "io.kestra.plugin.core.condition.ExecutionFlow",
                "namespace": "company.team",
                "flowId": "extract",
            },
            "b": {"type": "io.kestra.core.models.conditions.types.ExecutionStatusCondition", "in": ["SUCCESS"]},
        },
    )
    assert both.met(context(execution=FAILED)) == {"a"}
    assert not both.holds(context(satisfied={"both": ["a"], "other": ["b"]}))
    assert both.holds(context(satisfied={"both": ["a", "b"]}))
