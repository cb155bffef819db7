"""Tasks: what all have in common, and their own properties against the shapes that their types declare."""

from __future__ import annotations

import pytest

from kapell.model.flow import Task
from kapell.model.input import Input
from kapell.source import check, load
from unit.source.sources import flow, only, problems


def sheet(rest: str) -> str:
    return f"{{id: s, type: test.Sheet, word: w, {rest}}}"


def test_a_task_is_read_with_what_all_tasks_have() -> None:
    tasks = (
        "{id: 12, type: io.kestra.core.tasks.log.Log, message: 010, description: d, disabled: yes, runIf: no, "
        "timeout: 30, retry: {type: exponential, interval: PT1S, maxInterval: PT1M, delayFactor: 3, maxAttempt: 2}, "
        "allowFailure: 'true', allowWarning: true, logLevel: WARN, logToFile: true, taskCache: {enabled: true}, "
        "version: 1, workerGroup: {key: a}, workerSelector: {tags: [a]}}"
    )
    task = load(flow(tasks=tasks)).tasks[0]
    assert (task.id, task.type, task.line) == ("12", "io.kestra.plugin.core.log.Log", 3)
    assert task.properties == {"message": 8}
    assert (task.description, task.disabled, task.run_if, task.timeout) == ("d", True, "false", "30")
    assert (task.allow_failure, task.allow_warning, task.log_level, task.log_to_file) == (True, True, "WARN", True)
    assert task.task_cache == {"enabled": True}
    assert task.retry is not None
    assert (task.retry.type, task.retry.max_attempts, task.retry.delay_factor) == ("exponential", 2, 3.0)


def test_tasks_inside_a_task_are_its_properties_and_its_branches() -> None:
    log = "io.kestra.plugin.core.log.Log, message: m"
    tasks = (
        f"{{id: b, type: test.Box, tasks: [{{id: one, type: {log}}}, ~], "
        f"cases: {{a: [{{id: two, type: {log}}}], b: []}}, errors: [{{id: three, type: {log}}}], "
        f"finally: [{{id: four, type: {log}}}]}}"
    )
    task = load(flow(tasks=tasks)).tasks[0]
    assert [(name, [inner.id for inner in inside]) for name, inside in task.branches.items()] == [
        ("tasks", ["one"]),
        ("cases.a", ["two"]),
        ("errors", ["three"]),
        ("finally", ["four"]),
    ]
    assert task.properties["tasks"] == task.branches["tasks"]
    assert task.properties["cases"] == {"a": task.branches["cases.a"], "b": ()}
    assert task.properties["finally_"] == task.branches["finally"]


def test_a_task_in_a_part_belongs_to_the_branch_of_the_property() -> None:
    inner = "{id: in, type: io.kestra.plugin.core.log.Log, message: m}"
    task = load(flow(tasks=sheet(f"pockets: [{{size: 1}}, {{size: 2, inner: {inner}}}]"))).tasks[0]
    assert [found.id for found in task.branches["pockets"]] == ["in"]
    pockets = task.properties["pockets"]
    assert isinstance(pockets, list)
    assert pockets[0] == {"size": 1}
    assert isinstance(pockets[1]["inner"], Task)


def test_inputs_that_a_task_asks_for_are_inputs() -> None:
    asks = load(flow(tasks=sheet("asks: [{id: i, type: INT, min: 1}]"))).tasks[0].properties["asks"]
    assert isinstance(asks, tuple)
    assert isinstance(asks[0], Input)
    assert asks[0].properties == {"min": 1}
    assert problems(tasks=sheet("asks: [{id: i, type: NOPE}]")) == ["tasks[s].asks[i].type: Invalid type: NOPE"]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("number: a", "tasks[s].number: `a` is not a valid integer"),
        ("number: -1", "tasks[s].number: must be greater than or equal to 0"),
        ("flag: maybe", "tasks[s].flag: `maybe` is neither true nor false"),
        ("lines: 5", "tasks[s].lines: `5` is not a list"),
        ("lines: {a: 1}", "tasks[s].lines: must be a list"),
        ("byName: [1]", "tasks[s].byName: must be a map"),
        ("byName: {a: x}", "tasks[s].byName.a: `x` is not a valid integer"),
        ("pockets: [{}]", "tasks[s].pockets[0].size: must not be null"),
        ("pockets: [{size: 0}]", "tasks[s].pockets[0].size: must be greater than or equal to 1"),
        ("pockets: [x]", "tasks[s].pockets[0]: must be a map"),
        (
            "pockets: [{size: 1, siz: 2}]",
            'tasks[s].pockets[0].siz: Unrecognized field "siz" (class Pocket) (did you mean `size`?)',
        ),
        ("nope: 1", 'tasks[s].nope: Unrecognized field "nope" (class test.Sheet)'),
        ("weather: {type: test.Rain}", "tasks[s].weather.drops: must not be null"),
        ("weather: {type: test.Rain, drops: 1, x: 1}", 'tasks[s].weather.x: Unrecognized field "x" (class test.Rain)'),
        (
            "weather: {drops: 1}",
            "tasks[s].weather.type: Invalid type: <null> (every task, trigger and runner names its type)",
        ),
        (
            "weather: {type: test.Box}",
            "tasks[s].weather.type: Invalid type: test.Box (a type of this name has another place)",
        ),
        ("allowFailure: maybe", "tasks[s].allowFailure: `maybe` is neither true nor false"),
        ("retry: {type: nope}", "tasks[s].retry.type: Invalid type: nope (write one of constant, exponential, random)"),
    ],
)
def test_a_property_that_does_not_fit_its_shape_is_an_error(rest: str, expected: str) -> None:
    assert problems(tasks=sheet(rest)) == [expected]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("dynamic: x", "tasks[s].dynamic: `x` is not a valid integer"),
        ("dynamic: 3", "tasks[s].dynamic: must be greater than or equal to 10"),
        ("timeout: 5 minutes", "tasks[s].timeout: `5 minutes` is not a duration such as PT30S, PT5M or P1D"),
        ("logLevel: LOUD", "tasks[s].logLevel: `LOUD` is none of TRACE, DEBUG, INFO, WARN, ERROR"),
        ('number: "{{ 1 }}"', "tasks[s].number: an expression is not evaluated here (write the integer itself)"),
    ],
)
def test_what_kestra_finds_only_when_it_runs_is_a_warning(rest: str, expected: str) -> None:
    assert problems(tasks=sheet(rest), severity="warning") == [expected]
    assert problems(tasks=sheet(rest)) == []


@pytest.mark.parametrize(
    "rest",
    [
        'number: "7"',
        "flag: 1",
        'flag: "TRUE"',
        'dynamic: "{{ inputs.n }}"',
        "lines: '[\"a\"]'",
        "lines: ",
        'byName: "{{ vars }}"',
        "weather: {type: test.Rain, drops: 2}",
        "number: ~",
        'timeout: "{{ 1 }}"',
    ],
)
def test_what_kestra_takes_is_taken(rest: str) -> None:
    assert problems(tasks=sheet(rest)) == []


def test_a_property_may_stand_under_its_older_name() -> None:
    assert load(flow(tasks="{id: s, type: test.Sheet, term: w}")).tasks[0].properties == {"word": "w"}


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ("{id: s, type: test.Sheet}", ["tasks[s].word: must not be null", "tasks[s].word: must not be blank"]),
        ("{id: s, type: test.Sheet, word: ''}", ["tasks[s].word: must not be blank"]),
        ("{id: b, type: test.Box}", ["tasks[b].tasks: The 'tasks' property cannot be empty"]),
        ("{id: b, type: test.Box, tasks: []}", ["tasks[b].tasks: The 'tasks' property cannot be empty"]),
        ("{id: b, type: test.Box, tasks: ~}", ["tasks[b].tasks: The 'tasks' property cannot be empty"]),
        ("{id: b, type: test.Box, tasks: x}", ["tasks[b].tasks: `x` is not a list"]),
        ("{id: b, type: test.Box, tasks: [x]}", ["tasks[b].tasks[0]: must be a task: a map with id and type"]),
        (
            "{type: io.kestra.plugin.core.log.Log, message: m}",
            ["tasks[0].id: must not be null", "tasks[0].id: must not be blank"],
        ),
    ],
)
def test_what_a_task_must_have(tasks: str, expected: list[str]) -> None:
    assert problems(tasks=tasks) == expected


def test_an_unknown_type_names_the_nearest_one() -> None:
    problem = only(flow(tasks="{id: t, type: io.kestra.plugin.core.log.Lgo, message: m}"))
    assert (problem.code, problem.path, problem.message) == (
        "unknown-type",
        "tasks[t].type",
        "Invalid type: io.kestra.plugin.core.log.Lgo",
    )
    assert problem.remedy == "did you mean `io.kestra.plugin.core.log.Log`?"


def test_a_task_without_a_type_is_refused() -> None:
    assert problems(tasks="{id: t}")[0].startswith("tasks[t].type: Invalid type: <null>")


def test_a_trigger_is_no_task_and_a_task_no_trigger() -> None:
    assert problems(tasks="{id: t, type: test.Rain, drops: 1}")[0].startswith("tasks[t].type: Invalid type: test.Rain")
    found = problems("triggers: [{id: w, type: io.kestra.plugin.core.log.Log, message: m}]")
    assert found[0].startswith("triggers[w].type: Invalid type: io.kestra.plugin.core.log.Log")


def test_a_type_that_is_not_built_is_told_apart_and_all_else_is_still_checked() -> None:
    inside = "{id: t, type: test.Sheet, word: w, number: x}"
    tasks = f"{{id: e, type: io.kestra.plugin.beam.RunPipeline, any: 1, tasks: [{inside}], cases: {{a: [{inside}]}}}}"
    found = check(flow(tasks=tasks))
    assert [(problem.code, problem.path) for problem in found] == [
        ("type-not-built", "tasks[e].type"),
        ("wrong-value", "tasks[e].tasks[t].number"),
        ("duplicate-id", ""),
        ("wrong-value", "tasks[e].cases.a[t].number"),
    ]


def test_the_old_name_of_a_type_that_is_not_built_is_known_too() -> None:
    problem = only(flow(tasks="{id: s, type: io.kestra.core.tasks.flows.Template}"))
    assert (problem.code, problem.message) == (
        "type-not-built",
        "type not built yet: io.kestra.plugin.core.flow.Template",
    )


def test_a_type_that_can_not_be_imported_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> type:
        raise ZeroDivisionError("in its module")

    monkeypatch.setattr("kapell.source.values.find", broken)
    problem = only(flow(tasks="{id: t, type: test.Sheet}"))
    assert (problem.code, problem.message) == ("broken-type", "test.Sheet can't be loaded: in its module")


def test_a_deprecated_type_is_named() -> None:
    problem = only(flow(tasks="{id: o, type: test.Old}"))
    assert (problem.severity, problem.code, problem.path) == ("info", "deprecated", "tasks[o]")


def test_a_type_has_rules_of_its_own() -> None:
    three = ", ".join(f"{{id: t{n}, type: io.kestra.plugin.core.log.Log, message: m}}" for n in range(3))
    found = problems(tasks=f"{{id: b, type: test.Box, tasks: [{three}]}}")
    assert found == ["tasks[b]: no more than two", "tasks[b].tasks[2]: this one is too much"]
