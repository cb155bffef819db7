"""Triggers, read with the properties that all have and those of their types."""

from __future__ import annotations

from kapell.source import check, load
from unit.source.sources import flow, problems


def test_a_trigger_is_read_with_its_properties() -> None:
    rest = (
        "triggers: [{id: r, type: test.Rain, drops: 3, disabled: true, inputs: {a: 1}, stopAfter: [FAILED], when: 'x'}]"
    )
    trigger = load(flow(rest)).triggers[0]
    assert (trigger.id, trigger.type, trigger.disabled) == ("r", "test.Rain", True)
    assert trigger.properties == {"drops": 3, "inputs": {"a": 1}, "stopAfter": ["FAILED"], "when": "x"}


def test_what_a_trigger_says_wrongly() -> None:
    assert problems("triggers: [{id: s}]")[0].startswith("triggers[s].type: Invalid type: <null>")
    assert problems("triggers: [{id: r, type: test.Rain}]") == ["triggers[r].drops: must not be null"]
    found = problems("triggers: [{id: r, type: test.Rain, drops: 1, dorps: 1}]")
    assert found == ['triggers[r].dorps: Unrecognized field "dorps" (class test.Rain) (did you mean `drops`?)']


def test_what_schedules_of_old_said_is_taken() -> None:
    conditions = "[{type: io.kestra.core.models.conditions.types.VariableCondition, expression: '{{ true }}'}]"
    backfill = "backfill: {start: '2020-06-25T14:00:00Z'}"
    schedule = f"type: io.kestra.core.models.triggers.types.Schedule, cron: '@daily', conditions: {conditions}"
    assert problems(f"triggers: [{{id: s, {schedule}, {backfill}}}]") == []


def test_properties_of_one_generation_only_are_taken() -> None:
    schedule = "{id: s, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily', minLogLevel: INFO}"
    flow = "{id: f, type: io.kestra.plugin.core.trigger.Flow, onMiss: {behavior: FAIL, labels: {sla: miss}}}"
    assert problems(f"triggers: [{schedule}, {flow}]") == []


def test_the_conditions_of_a_trigger_are_types_as_well() -> None:
    conditions = "[{type: test.Rain}, {type: test.Nope}, {type: io.kestra.plugin.core.condition.Weekend}]"
    found = check(flow(f"triggers: [{{id: r, type: test.Rain, drops: 1, conditions: {conditions}}}]"))
    assert [(problem.code, problem.path) for problem in found][:2] == [
        ("missing", "triggers[r].conditions[0].drops"),
        ("unknown-type", "triggers[r].conditions[1].type"),
    ]
