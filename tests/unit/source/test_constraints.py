"""Small rules of Kestra's that many flows meet, each with its path and words."""

from __future__ import annotations

import pytest

from unit.source.sources import LOG, problems

CORE = "io.kestra.plugin.core."
TURN = f"tasks: [{LOG}]"
RETRY = "{type: constant, interval: PT1M, maxDuration: PT60S}"
FLOW_TRIGGER = f"triggers: [{{id: f, type: {CORE}trigger.Flow, "


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("checks: [{message: m}]", ["checks[0].when: must not be null", "checks[0].when: must not be empty"]),
        ("checks: [{condition: '', message: m}]", ["checks[0].condition: must not be empty"]),
        ("checks: [{when: '{{ true }}'}]", ["checks[0].message: must not be empty"]),
        (
            "sla: [{type: MAX_DURATION, duration: PT1S, behavior: FAIL}]",
            ["sla[0].id: must not be null", "sla[0].id: must not be empty"],
        ),
        (
            "sla: [{id: s, type: MAX_DURATION, duration: PT0S, behavior: FAIL}]",
            ["sla[s].duration: must be positive"],
        ),
        (
            "sla: [{id: s, type: EXECUTION_ASSERTION, assert: '', behavior: FAIL}]",
            ["sla[s].assert: must not be empty"],
        ),
        (
            FLOW_TRIGGER + "preconditions: {id: p, where: [{id: w, filters: [{field: STATE, type: IN, value: a}]}]}}]",
            ["triggers[f].preconditions.where[w].filters[0]: `value` must be null for type IN"],
        ),
        (
            FLOW_TRIGGER + "preconditions: {id: p, where: [{id: w, filters: [{field: STATE, type: NOT_IN}]}]}}]",
            ["triggers[f].preconditions.where[w].filters[0]: `values` cannot be null for type NOT_IN"],
        ),
        (
            FLOW_TRIGGER + "preconditions: {id: p, where: [{id: w, filters: [{field: STATE, type: IS_NULL}]}]}}]",
            ["triggers[f].preconditions.where[w].filters[0]: `value` cannot be null for type IS_NULL"],
        ),
    ],
)
def test_what_a_flow_owes(rest: str, expected: list[str]) -> None:
    assert problems(rest) == expected


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (f"{{id: {'t' * 257}, type: {CORE}log.Log, message: m}}", "Task id must be at most 256 characters"),
        (f"{{id: '', type: {CORE}log.Log, message: m}}", "tasks[0].id: must not be blank"),
        (f"{{id: ' ', type: {CORE}log.Log, message: m}}", "tasks[ ].id: must not be blank"),
        (
            f"{{id: s, type: {CORE}flow.Switch, value: a, cases: {{A: [], B: [{LOG}]}}}}",
            "tasks[s].cases[A]: must not be empty",
        ),
        (
            f"{{id: s, type: {CORE}flow.Switch, value: a, cases: {{B: [{LOG}]}}, defaults: []}}",
            "tasks[s].defaults: The 'defaults' property cannot be empty.",
        ),
        (
            f"{{id: t, type: {CORE}flow.Sequential, tasks: [{LOG.replace('id: t', 'id: a')}], retry: {RETRY}}}",
            "tasks[t].retry.intervalLessThanMaxDuration: 'interval' must be less than 'maxDuration'",
        ),
        (
            f"{{id: d, type: {CORE}flow.Dag, tasks: [{{task: {{id: a, type: {CORE}log.Log}}}}]}}",
            "tasks[d].tasks[0].task.message: must not be null",
        ),
        (f"{{id: s, type: {CORE}flow.Subflow, flowId: f}}", "tasks[s].namespace: must not be empty"),
        (
            f"{{id: s, type: {CORE}flow.Subflow, namespace: n, flowId: f, revision: 0}}",
            "tasks[s].revision: must be greater than or equal to 1",
        ),
        (f"{{id: i, type: {CORE}flow.If, condition: c, then: []}}", "tasks[i].then: must not be empty"),
        (
            f"{{id: l, type: {CORE}flow.LoopUntil, condition: c, {TURN}, checkFrequency: {{maxIterations: 0}}}}",
            "tasks[l].checkFrequency.maxIterations: must be greater than 0",
        ),
        (
            f"{{id: l, type: {CORE}flow.LoopUntil, condition: c, {TURN}, checkFrequency: {{interval: PT0S}}}}",
            "tasks[l].checkFrequency.interval: must be a positive duration",
        ),
    ],
)
def test_what_a_task_owes(task: str, expected: str) -> None:
    found = problems(tasks=task)
    assert len(found) == 1
    assert expected in found[0]


def test_a_trigger_without_an_id_has_none_and_a_blank_one() -> None:
    trigger = f"triggers: [{{type: {CORE}trigger.Webhook, key: k}}]"
    assert problems(trigger) == ["triggers[0].id: must not be null", "triggers[0].id: must not be blank"]


def test_a_dag_without_tasks_says_so_twice_as_in_kestra() -> None:
    assert problems(tasks=f"{{id: d, type: {CORE}flow.Dag, tasks: []}}") == [
        "tasks[d]: No task defined",
        "tasks[d].tasks: must not be empty",
    ]


def test_how_often_a_loop_looks_may_be_an_expression() -> None:
    often = "checkFrequency: {interval: '{{ vars.i }}', maxIterations: '{{ vars.n }}', maxDuration: soon}"
    assert problems(tasks=f"{{id: l, type: {CORE}flow.LoopUntil, condition: c, tasks: [{LOG}], {often}}}") == []
