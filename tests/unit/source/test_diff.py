"""What changed between two revisions of a flow."""

from __future__ import annotations

from time import process_time

import pytest
from msgspec import UNSET

from kapell.model.problem import InvalidFlow
from kapell.source import Change, compare
from unit.source.sources import flow

CORE = "io.kestra.plugin.core."


def log(id: str, message: str = "m", more: str = "") -> str:
    return f"{{id: {id}, type: {CORE}log.Log, message: {message}{more}}}"


def sequence(id: str, *tasks: str) -> str:
    return f"{{id: {id}, type: {CORE}flow.Sequential, tasks: [{', '.join(tasks)}]}}"


def changes(before: str, after: str) -> list[Change]:
    return list(compare(flow("", before), flow("", after)).changes)


def told(before: str, after: str) -> list[tuple[str, str, str]]:
    return [(change.kind, change.id, change.path) for change in changes(before, after)]


def test_the_same_text_has_no_changes() -> None:
    found = compare(flow(), flow())
    assert (found.changes, found.text_only) == ((), False)


def test_comments_order_of_keys_and_quotes_are_text_alone() -> None:
    before = "id: x\nnamespace: n\nlabels: {a: b, c: d}\ntasks:\n  - {id: t, type: 'x.Y', n: 1}\n"
    after = '# told\nnamespace: "n"\nid: x\ntasks:\n  - type: x.Y\n    n: 1 # one\n    id: t\nlabels: {c: d, a: b}\n'
    found = compare(before, after)
    assert (found.changes, found.text_only) == ((), True)


def test_tasks_come_and_go_by_their_id() -> None:
    assert told(f"{log('a')}, {log('b')}", f"{log('a')}, {log('c')}") == [
        ("removed", "b", "tasks[b]"),
        ("added", "c", "tasks[c]"),
    ]


def test_what_came_is_told_without_the_members_that_are_told_themselves() -> None:
    group, inner = changes(log("a"), f"{log('a')}, {sequence('s', log('b'))}")
    assert (group.id, group.after) == ("s", {"id": "s", "type": f"{CORE}flow.Sequential"})
    assert (inner.id, inner.path) == ("b", "tasks[s].tasks[b]")


def test_a_property_is_told_with_its_path_and_both_values() -> None:
    before, after = (
        log("a", "hi", ", retry: {type: constant, interval: PT1S}"),
        log("a", "hi", ", retry: {interval: 2}"),
    )
    assert [(change.path, change.before, change.after) for change in changes(before, after)] == [
        ("tasks[a].retry.interval", "PT1S", 2),
        ("tasks[a].retry.type", "constant", UNSET),
    ]


@pytest.mark.parametrize(("before", "after"), [("1", "true"), ("1", "1.0"), ("1", "'1'"), ("[1]", "[true]")])
def test_values_that_python_takes_for_the_same_are_different(before: str, after: str) -> None:
    assert len(changes(log("a", before), log("a", after))) == 1


def test_a_task_in_another_list_has_moved() -> None:
    moved = [change for change in changes(log("a"), sequence("s", log("a"))) if change.kind == "moved"]
    assert [(change.id, change.before, change.after) for change in moved] == [("a", "/tasks/0", "/tasks/0/tasks/0")]


def test_a_task_inside_of_one_that_moved_has_not_moved_itself() -> None:
    before = f"{sequence('s', log('a'))}, {log('b')}"
    assert told(before, f"{log('b')}, {sequence('s', log('a'))}") == [("moved", "b", "tasks[b]")]


def test_as_few_as_possible_have_moved() -> None:
    before = ", ".join(log(id) for id in "abcdef")
    assert told(before, ", ".join(log(id) for id in "fabcde")) == [("moved", "f", "tasks[f]")]


def test_a_task_that_gets_another_type_is_still_the_same_task() -> None:
    found = changes(log("a"), f"{{id: a, type: {CORE}debug.Return, message: m}}")
    assert [(change.kind, change.path) for change in found] == [("changed", "tasks[a].type")]


def test_a_dependency_in_a_dag_is_a_property_of_its_task() -> None:
    dag = f"{{id: d, type: {CORE}flow.Dag, tasks: [{{task: {log('a')}}}, {{task: {log('b')}%s}}]}}"
    found = changes(dag % "", dag % ", dependsOn: [a]")
    assert [(change.id, change.path, change.after) for change in found] == [("b", "tasks[d].tasks[b].dependsOn", ["a"])]


def test_inputs_outputs_triggers_and_the_flow_itself_are_told_as_what_they_are() -> None:
    rest = (
        "inputs: [{id: f, type: FORM, inputs: [{id: a, type: %s}]}]\noutputs: [{id: o, type: %s, value: 1}]\n"
        "triggers: [{id: t, type: x.Y, cron: %s}]\nlabels: {team: %s}\nsla: [{id: s, duration: %s}]\n"
    )
    found = compare(flow(rest % tuple("abcde")), flow(rest % tuple("fghij"))).changes
    assert [(change.of, change.id, change.path) for change in found] == [
        ("flow", "", "labels.team"),
        ("input", "f.a", "inputs[f].inputs[a].type"),
        ("output", "o", "outputs[o].type"),
        ("trigger", "t", "triggers[t].cron"),
        ("item", "s", "sla[s].duration"),
    ]


def test_a_change_knows_its_line_in_the_text_where_it_is() -> None:
    found = compare(
        "id: x\ntasks:\n  - id: t\n    a: 1\n    b: 2\n", "id: x\ntasks:\n  - id: t\n    a: 1\n\n    b: 3\n"
    )
    assert [change.line for change in found.changes] == [6]


def test_two_tasks_of_one_id_are_told_apart() -> None:
    both = f"{log('a', 'x')}, {log('a', 'y')}"
    assert [change.after for change in changes(both, f"{log('a', 'x')}, {log('a', 'z')}")] == ["z"]


def test_a_flow_with_errors_can_be_compared_but_broken_yaml_can_not() -> None:
    assert compare("id: x\n", "id: y\n").changes[0].path == "id"
    for text in ("id: [", "- a\n", "", "id: a\nid: b\n"):
        with pytest.raises(InvalidFlow):
            compare(text, "id: x\n")


def test_changes_are_written_as_json_without_what_is_not_there() -> None:
    found = compare("id: x\n", "id: x\ndraft: true\n").to_dict()
    assert found == {
        "changes": ({"kind": "changed", "of": "flow", "id": "", "path": "draft", "line": 2, "after": True},),
        "text_only": False,
    }


def test_many_tasks_in_another_order_are_compared_in_linear_time() -> None:
    before = "tasks:\n" + "".join(f"  - {{id: t{n}, a: {n}}}\n" for n in range(15_000))
    after = "tasks:\n" + "".join(f"  - {{id: t{n}, a: {n}}}\n" for n in reversed(range(15_000)))
    start = process_time()
    assert len(compare(before, after).changes) == 14_999
    assert process_time() - start < 5
