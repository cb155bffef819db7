"""Source → Flow: what stands at the top of a flow."""

from __future__ import annotations

import pytest

from kapell.model.problem import InvalidFlow
from kapell.source import check, load
from unit.source.sources import LOG, flow, only, problems


def test_a_flow_is_read_with_all_that_it_says() -> None:
    source = flow(
        "description: d\nlabels: {team: data, n: 5, b: yes}\nvariables: {a: 1, b: ~}\n"
        "inputs: [{id: who, type: STRING, defaults: world}]\n"
        "outputs: [{id: o, type: STRING, value: '{{ inputs.who }}'}]\n"
        "errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: m}]\n"
        "finally: [{id: f, type: io.kestra.plugin.core.log.Log, message: m}]\n"
        "afterExecution: [{id: g, type: io.kestra.plugin.core.log.Log, message: m}]\n"
        "concurrency: {limit: 2, behavior: FAIL}\nretry: {type: constant, interval: PT1S, maxAttempts: 3}\n"
        "sla: [{id: s, type: MAX_DURATION, duration: PT1M, behavior: FAIL}]\n"
        "checks: [{when: '{{ true }}', message: stop}]\ndisabled: 'true'\ndraft: true\nrevision: 7\n"
    )
    found = load(source, tenant="other", revision=4)
    assert (found.id, found.namespace, found.tenant, found.revision) == ("x", "a.b", "other", 4)
    assert found.source == source
    assert found.description == "d"
    assert found.labels == {"team": "data", "n": "5", "b": "true"}
    assert found.variables == {"a": 1}
    assert [task.id for task in found.all_tasks()] == ["t", "e", "f", "g"]
    assert [(i.id, i.defaults) for i in found.inputs] == [("who", "world")]
    assert [(o.id, o.value) for o in found.outputs] == [("o", "{{ inputs.who }}")]
    assert found.concurrency is not None
    assert (found.concurrency.limit, found.concurrency.behavior) == (2, "FAIL")
    assert found.retry is not None
    assert found.retry.max_attempts == 3
    assert found.sla[0]["duration"] == "PT1M"
    assert found.checks[0]["message"] == "stop"
    assert found.disabled
    assert found.draft
    assert found.problems == ()


def test_a_flow_with_an_error_is_not_loaded_and_all_problems_are_told() -> None:
    with pytest.raises(InvalidFlow) as raised:
        load("id: x x\nnamespace: a.b\ntasks: [{id: t t, type: io.kestra.plugin.core.log.Log}]\n")
    assert [str(problem) for problem in raised.value.problems] == [
        'id: must match "^[a-zA-Z0-9][a-zA-Z0-9._-]*"',
        "tasks[t t].message: must not be null",
        'tasks[t t].id: must match "^[a-zA-Z0-9][a-zA-Z0-9_-]*"',
    ]


def test_warnings_come_with_a_loaded_flow() -> None:
    found = load(
        flow("description: d\nfinally: [{id: e, type: io.kestra.core.tasks.log.Log, message: '{{ ouputs.t }}'}]")
    )
    assert [problem.severity for problem in found.problems] == ["warning", "info"]
    assert found.problems[1].message == ("io.kestra.core.tasks.log.Log is replaced by io.kestra.plugin.core.log.Log")


def test_a_problem_has_its_place_in_every_form() -> None:
    problem = only(
        flow(tasks="{id: p, type: io.kestra.plugin.core.flow.Sequential, tasks: [{id: q, type: test.Sheet, word: ''}]}")
    )
    assert (problem.path, problem.pointer) == ("tasks[p].tasks[q].word", "/tasks/0/tasks/0/word")
    assert (problem.line, problem.column) == (3, 102)
    assert problem.code == "missing"


def test_errors_come_before_warnings_and_both_in_the_order_of_lines() -> None:
    found = check(
        "id: x\nnamespace: a.b\ntasks:\n  - {id: t, type: test.Sheet, word: w, dynamic: 1}\ndisabled: so\ndraft: so\n"
    )
    assert [(problem.severity, problem.line) for problem in found] == [("error", 5), ("error", 6), ("warning", 4)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"namespace: a.b\ntasks: [{LOG}]", ["id: must not be null", "id: must not be blank"]),
        (f"id: x\ntasks: [{LOG}]", ["namespace: must not be null"]),
        (f"id: x\nnamespace: A b\ntasks: [{LOG}]", ['namespace: must match "^[a-z0-9][a-z0-9._-]*"']),
        (f"id: {'x' * 101}\nnamespace: a\ntasks: [{LOG}]", ["id: size must be between 1 and 100"]),
        ("id: x\nnamespace: a.b", ["tasks: must not be empty"]),
        ("id: x\nnamespace: a.b\ntasks: []", ["tasks: must not be empty"]),
        ("id: x\nnamespace: a.b\ntasks: {}", ["tasks: must be a list", "tasks: must not be empty"]),
        ("- a", ["Illegal Flow source: YAML parsing error: a flow is a map with id, namespace and tasks"]),
    ],
)
def test_what_every_flow_must_have(source: str, expected: list[str]) -> None:
    assert [str(problem) for problem in check(source)] == expected


def test_reserved_ids_are_refused() -> None:
    assert "id: Flow id is a reserved keyword: pause." in str(only(flow().replace("id: x", "id: pause", 1)))


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("concurrency: {limit: 0}", "concurrency.limit: must be greater than or equal to 1"),
        ("concurrency: {behavior: FAIL}", "concurrency.limit: must not be null"),
        ("labels: {a: {b: c}}", "labels.a: Unsupported type for key: a, value: {'b': 'c'} (a label is a text)"),
        ("labels: {a: ~}", "labels.a: Unsupported type for key: a, value: null (a label is a text)"),
        ("labels: {a: ''}", "labels.a: the label `a` has no value"),
        (
            "labels: {system.foo: bar}",
            "Invalid Flow: System labels can only be set by Kestra itself, offending label: system.foo=bar",
        ),
        ("disabled: maybe", "disabled: `maybe` is neither true nor false"),
        (
            "tasksx: 1",
            'tasksx: Unrecognized field "tasksx" (class io.kestra.core.models.flows.Flow) (did you mean `tasks`?)',
        ),
        ("retry: {type: nope}", "retry.type: Invalid type: nope (write one of constant, exponential, random)"),
        ("retry: {type: constant, maxAttempts: 2}", "retry.interval: must not be null"),
        (
            "retry: {type: constant, interval: PT10S, maxDuration: PT1S}",
            "retry.intervalLessThanMaxDuration: 'interval' must be less than 'maxDuration'",
        ),
        (
            "retry: {type: random, minInterval: PT10S, maxInterval: PT1S}",
            "retry.minIntervalLessThanMaxInterval: 'minInterval' must be less than 'maxInterval'",
        ),
        ("sla: [{id: s, type: MAX_DURATION, behavior: FAIL}]", "sla[s].duration: must not be null"),
        ("variables: [1]", "variables: must be a map"),
        (
            "quotas: [{limit: 1}]",
            "Invalid Flow: Quotas are only available in Enterprise Edition. (limit what runs with `concurrency`)",
        ),
    ],
)
def test_what_a_flow_says_wrongly(rest: str, expected: str) -> None:
    assert problems(rest) == [expected]


def test_labels_may_be_a_list_and_the_last_of_a_key_counts() -> None:
    rest = "labels:\n  - {key: a, value: 1}\n  - {key: b, value: yes}\n  - {key: a, value: again}\n"
    assert load(flow(rest)).labels == {"a": "again", "b": "true"}


def test_read_only_is_the_one_system_label_that_a_flow_may_have() -> None:
    assert problems("labels: {system.readOnly: true}") == []


def test_what_is_null_or_empty_is_not_there() -> None:
    rest = "errors: ~\noutputs: []\ninputs:\nlabels: {}\nvariables: ~\ntriggers: ~\nretry: ~\nconcurrency: ~\n"
    assert check(flow(rest)) == []


def test_tasks_of_listeners_run_after_the_execution() -> None:
    rest = "listeners: [{tasks: [{id: l, type: io.kestra.plugin.core.log.Log, message: m}]}]"
    assert [task.id for task in load(flow(rest)).after_execution] == ["l"]
    with_condition = rest.replace("[{tasks", "[{conditions: [{type: x}], tasks")
    assert problems(with_condition)[0].startswith("listeners[0].conditions: a listener's conditions are not supported")
