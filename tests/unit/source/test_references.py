"""Expressions, read but not run."""

from __future__ import annotations

import pytest

from kapell.source import check
from unit.source.sources import flow

RETURN = "io.kestra.plugin.core.debug.Return"
CORE = "io.kestra.plugin.core.flow"


def warnings(tasks: str, rest: str = "") -> list[str]:
    found = [problem for problem in check(flow(rest, tasks)) if problem.severity == "warning"]
    return [f"{problem.path}: {problem.message}" for problem in found]


def say(id: str, text: str) -> str:
    return f'{{id: {id}, type: {RETURN}, format: "{text}"}}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ outputs.frist.value }}", "there is no task `frist`, so `outputs.frist` is missing"),
        ("{{ outputs['nope'].value }}", "there is no task `nope`, so `outputs.nope` is missing"),
        ("{{ outputs.last.value }}", "`outputs.last` is not there: it runs later"),
        ("{{ outputs.first.vlaue }}", "`outputs.first.vlaue` is not there: its outputs are value"),
        ("{{ outputs.log.value }}", "`outputs.log.value` is not there: it has no outputs"),
        ("{{ outputs.idle.value }}", "`outputs.idle` is not there: it is disabled"),
        ("{{ tasks.nope.state }}", "there is no task `nope`"),
        ("{{ inputs.dya }}", "there is no input `dya`"),
        ("{{ inputs.db.port }}", "there is no input `db`"),
        ("{{ vars.b }}", "the flow has no variable `b`"),
        ("{{ ouputs.first }}", "there is no variable `ouputs`"),
        ("{{ 1 | uper }}", "Filter [uper] does not exist."),
        ("{{ nope() }}", "Function or Macro [nope] does not exist."),
        ("{{ 1 is nope }}", "Test [nope] does not exist."),
    ],
)
def test_what_can_not_be_there_is_a_warning(text: str, expected: str) -> None:
    log = "{id: log, type: io.kestra.plugin.core.log.Log, message: m}"
    idle = f"{{id: idle, type: {RETURN}, disabled: true}}"
    tasks = ", ".join([say("first", "x"), log, idle, say("mid", text), say("last", "x")])
    rest = "inputs: [{id: day, type: DATE}, {id: db.host, type: STRING}]\nvariables: {a: 1}\n"
    assert warnings(tasks, rest) == [f"tasks[mid].format: {expected}"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ outputs.first.value }}",
        "{{ outputs['first']['value'] }}",
        "{{ outputs.nope.value ?? 'x' }}",
        "{{ outputs.nope is defined }}",
        "{{ outputs.nope | default('x') }}",
        "{{ inputs.day }}",
        "{{ inputs.db.host }}",
        "{{ inputs.db }}",
        "{{ vars.a }}",
        "{{ vars[taskrun.value] }}",
        "{{ anything.at.all }}",
        "{% for item in outputs %}{{ item.key }}{% endfor %}",
        "{% set mine = 1 %}{{ mine }}",
        "{% raw %}{{ outputs.nope }}{% endraw %}",
        "{{ 'a' | upper }}",
    ],
)
def test_what_can_be_there_is_none(text: str) -> None:
    rest = "inputs: [{id: day, type: DATE}, {id: db.host, type: STRING}]\nvariables: {a: 1}\n"
    assert warnings(f"{say('first', 'x')}, {say('mid', text)}", rest) == []


def test_an_expression_that_can_not_be_read_is_a_warning_with_its_place() -> None:
    source = (
        f"id: x\nnamespace: a.b\ntasks:\n  - id: t\n    type: {RETURN}\n    format: |\n      one\n      {{{{ a b }}}}\n"
    )
    problem = check(source)[0]
    assert (problem.severity, problem.code, problem.line) == ("warning", "bad-expression", 8)
    inline = check(
        f'id: x\nnamespace: a.b\ntasks:\n  - id: t\n    type: {RETURN}\n    format: "ab {{{{ outputs.no }}}}"\n'
    )[0]
    assert (inline.line, inline.column) == (6, 20)


def test_errors_see_the_tasks_and_the_tasks_do_not_see_errors() -> None:
    rest = f"errors: [{say('e', '{{ outputs.t.value }}')}]\nfinally: [{say('f', '{{ outputs.e }}')}]"
    assert warnings(say("t", "{{ outputs.e.value }}"), rest) == [
        "tasks[t].format: `outputs.e` is not there: it runs later"
    ]


def test_siblings_in_a_parallel_are_left_alone() -> None:
    inside = f"{say('a', '{{ outputs.b.value }}')}, {say('b', '{{ outputs.a.value }}')}"
    assert warnings(f"{{id: p, type: {CORE}.Parallel, tasks: [{inside}]}}") == []


def test_order_counts_inside_a_sequence_too() -> None:
    inside = f"{say('a', '{{ outputs.b.value }}')}, {say('b', '{{ outputs.a.value }}')}"
    assert warnings(f"{{id: s, type: {CORE}.Sequential, tasks: [{inside}]}}") == [
        "tasks[s].tasks[a].format: `outputs.b` is not there: it runs later"
    ]


def test_a_turn_of_a_loop_sees_the_turn_before() -> None:
    inside = f"{say('a', '{{ outputs.b.value }}')}, {say('b', 'x')}"
    assert (
        warnings(f"{{id: l, type: {CORE}.LoopUntil, condition: '{{{{ outputs.b.value }}}}', tasks: [{inside}]}}") == []
    )


def test_the_iterations_of_a_loop_keep_their_outputs() -> None:
    loop = f"{{id: l, type: {CORE}.Loop, values: [1], tasks: [{say('in', '{{ outputs.out.value }}')}]}}"
    found = warnings(f"{say('out', 'x')}, {loop}, {say('after', '{{ outputs.in.value }}')}")
    assert found == [
        "tasks[after].format: `outputs.in` is not there: it runs inside the Loop `l`, whose iterations keep their "
        "outputs to themselves"
    ]


def test_outputs_of_a_value_are_not_properties() -> None:
    each = f"{{id: e, type: {CORE}.ForEach, values: [a], tasks: [{say('in', 'x')}]}}"
    assert warnings(f"{each}, {say('after', '{{ outputs.in.a.value }}')}") == []


def test_variables_that_a_task_sets_are_known() -> None:
    sets = "{id: s, type: io.kestra.plugin.core.execution.SetVariables, variables: {n: 1}}"
    assert warnings(f"{sets}, {say('t', '{{ vars.n }}')}") == []


def test_a_for_each_item_has_outputs_under_more_names_than_its_own() -> None:
    assert warnings(f"{{id: e, type: {CORE}.ForEachItem}}, {say('t', '{{ outputs.e_merge.subflowOutputs }}')}") == []


def test_the_old_outputs_of_a_subflow_are_those_of_the_flow_that_it_calls() -> None:
    assert warnings(f"{{id: s, type: {CORE}.Subflow, outputs: {{a: '{{{{ outputs.there.value }}}}'}}}}") == []


def test_what_people_read_is_not_evaluated() -> None:
    assert warnings(f'{{id: t, type: {RETURN}, description: "{{{{ nope( }}}}"}}', 'description: "{{ nope( }}"') == []
