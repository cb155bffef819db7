"""Completion at a place in a text, marked with `@`, whether the text can be read or not."""

from __future__ import annotations

import time

import pytest

from kapell.model.flow import Flow
from kapell.source import Completion, complete, load
from kapell.source.types import all_types
from unit.source.sources import LOG as TASK

HEAD = """\
id: x
namespace: a.b
inputs:
  - id: name
    type: STRING
  - id: deep.er
    type: INT
variables:
  team: {lead: Ada}
labels:
  app.tier: gold
tasks:
  - id: one
    type: io.kestra.plugin.core.debug.Return
    format: x
  - id: two-words
    type: io.kestra.plugin.core.output.OutputValues
    values: {first: 1, second: 2}
"""
LOG = HEAD + "  - id: log\n    type: io.kestra.plugin.core.log.Log\n"
DAG = """\
tasks:
  - id: dag
    type: io.kestra.plugin.core.flow.Dag
    tasks:
      - task: {id: first, type: io.kestra.plugin.core.log.Log, message: m}
      - task: {id: second, type: io.kestra.plugin.core.log.Log, message: m}
        dependsOn: """
SCHEDULE = "triggers:\n  - id: s\n    type: io.kestra.plugin.core.trigger.Schedule\n"


def at(marked: str) -> list[Completion]:
    before, mark, after = marked.partition("@")
    assert mark
    return complete(before + after, before.count("\n") + 1, len(before) - before.rfind("\n"))


def labels(marked: str) -> list[str]:
    return [one.label for one in at(marked)]


def written(marked: str, label: str) -> str:
    """The text after choosing `label`, from the line of the cursor on."""
    one = next(one for one in at(marked) if one.label == label)
    before, _, after = marked.partition("@")
    line = before.rfind("\n") + 1
    return before[line : line + one.column - 1] + one.insert + after


def test_an_empty_text_begins_with_what_a_flow_must_have() -> None:
    assert labels("@")[:3] == ["id", "namespace", "tasks"]


def test_keys_that_are_there_already_are_left_out() -> None:
    assert labels("id: x\n@\ntasks: []\n")[0] == "namespace"
    assert not {"id", "tasks"} & set(labels("id: x\n@\ntasks: []\n"))


@pytest.mark.parametrize(
    "marked",
    [
        LOG + "    @",
        LOG + "    mes@",
        LOG + "    me@: ",
        HEAD + "  - {id: log, type: io.kestra.plugin.core.log.Log, @}",
        HEAD + "  - {id: log, type: io.kestra.plugin.core.log.Log, @",
        HEAD + "  - @\n    type: io.kestra.plugin.core.log.Log\n",
        "tasks:\n- id: log\n  @\n  type: io.kestra.plugin.core.log.Log\n",
        LOG + "    @\n  - id: [unclosed\n",
    ],
)
def test_a_task_is_offered_the_keys_of_its_type_first(marked: str) -> None:
    assert "message" in labels(marked)[:2]


def test_what_a_type_requires_comes_before_what_it_takes_and_what_all_take() -> None:
    assert labels(LOG + "    @")[:3] == ["message", "level", "description"]


def test_a_key_says_what_it_takes_what_it_is_for_and_its_default() -> None:
    level = next(one for one in at(LOG + "    @") if one.label == "level")
    assert level.documentation == "Severity of every message.\n\nDefault: `INFO`"
    message = at(LOG + "    @")[0]
    assert (message.kind, message.detail) == ("key", "text or list of text, required")


def test_a_key_brings_the_beginning_of_its_value() -> None:
    assert written(LOG + "    @", "message") == "    message: "
    assert written(LOG + "    re@", "retry") == "    retry:\n      "
    assert written("id: x\n@", "tasks") == "tasks:\n  - "
    assert written(HEAD + "  - {id: a, ret@}", "retry") == "  - {id: a, retry: }"


def test_an_item_is_begun_with_what_it_must_have() -> None:
    assert written("id: x\ntasks:\n  @", "- id, type") == "  - id: \n    type: "


@pytest.mark.parametrize(
    ("marked", "has", "lacks"),
    [
        ("tasks:\n  - type: @", "io.kestra.plugin.core.log.Log", "io.kestra.plugin.core.trigger.Webhook"),
        ("triggers:\n  - type: @", "io.kestra.plugin.core.trigger.Webhook", "io.kestra.plugin.core.log.Log"),
        (
            "tasks:\n  - type: io.kestra.plugin.scripts.shell.Commands\n    taskRunner: {type: @",
            "io.kestra.plugin.core.runner.Process",
            "io.kestra.plugin.core.log.Log",
        ),
        (SCHEDULE + "    conditions:\n      - type: @", "io.kestra.plugin.core.condition.Weekend", "STRING"),
        ("inputs:\n  - type: @", "STRING", "io.kestra.plugin.core.log.Log"),
        ("tasks:\n  - retry:\n      type: @", "exponential", "STRING"),
    ],
)
def test_types_are_those_that_can_stand_there(marked: str, has: str, lacks: str) -> None:
    assert has in labels(marked)
    assert lacks not in labels(marked)


def test_a_type_is_found_by_its_last_word_and_says_what_it_does() -> None:
    first = at("tasks:\n  - type: log@")[0]
    assert first.label == "io.kestra.plugin.core.log.Log"
    assert first.documentation == "Write one or more messages to the execution's log."
    assert written("tasks:\n  - type: log@", first.label) == "  - type: io.kestra.plugin.core.log.Log"


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (LOG + "    level: @", ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]),
        (LOG + "    level: W@", ["WARN"]),
        (LOG + "    disabled: @", ["true", "false"]),
        (SCHEDULE + "    stopAfter:\n      - FAI@", ["FAILED"]),
        (SCHEDULE + "    stopAfter: [SUCCESS, FAI@", ["FAILED"]),
        ("id: x\ninputs: [{id: a, type: INT}]\n" + SCHEDULE + "    inputs:\n      @", ["a"]),
        (DAG + "[@]", ["first"]),
        (DAG + "\n          - @", ["first"]),
        ("inputs:\n  - {id: a, type: INT}\n  - {id: b, type: INT, dependsOn: {inputs: [@", ["a"]),
        ("pluginDefaults:\n  - type: io.kestra.plugin.core.log.Log\n    values:\n      @", ["message", "level"]),
    ],
)
def test_values_are_those_that_the_place_takes(marked: str, expected: list[str]) -> None:
    assert labels(marked) == expected


def test_a_task_that_calls_a_flow_is_offered_its_inputs() -> None:
    class Flows:
        def find(self, namespace: str, id: str) -> Flow | None:
            source = f"id: {id}\nnamespace: {namespace}\ninputs: [{{id: day, type: DATE}}]\ntasks: [{TASK}]\n"
            return load(source) if (namespace, id) == ("a.b", "called") else None

    task = "  - id: call\n    type: io.kestra.plugin.core.flow.Subflow\n    namespace: '{{ flow.namespace }}'\n"
    for called, expected in (("called", [("day", "DATE", "day: ")]), ("other", [])):
        text = f"{HEAD}{task}    flowId: {called}\n    inputs:\n      "
        found = complete(text, text.count("\n") + 1, 7, Flows())
        assert [(one.label, one.detail, one.insert) for one in found] == expected


def test_an_expression_begins_with_variables_and_functions() -> None:
    found = labels(LOG + '    message: "{{ @')
    assert found[:3] == ["outputs", "inputs", "vars"]
    assert "now" in found
    assert labels(LOG + '    message: "{{ secr@ }}"') == ["secret"]


def test_a_function_tells_its_arguments_and_its_doc() -> None:
    secret = at(LOG + '    message: "{{ secr@')[0]
    assert secret.detail.startswith("(key")
    assert secret.documentation


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("inputs.@", ["name", "deep"]),
        ("inputs.deep.@", ["er"]),
        ("vars.team.@", ["lead"]),
        ("labels.app.@", ["tier"]),
        ("outputs.@", ["two-words", "one"]),
        ("outputs.one.@", ["value"]),
        ("outputs['two-words'].values.@", ["first", "second"]),
        ('outputs["two-words"].values.se@', ["second"]),
        ("outputs['@", ["two-words", "one"]),
        ("tasks.one.@", ["state"]),
        ("flow.@", ["id", "namespace", "revision", "tenantId"]),
        ("inputs.name | upp@", ["upper"]),
        ("inputs.name is not nul@", ["null"]),
        ("'a text with outputs.@", []),
        ("nothing.@", []),
        ("outputs.one.value }} and then @", []),
    ],
)
def test_inside_an_expression_members_are_those_of_the_flow(expression: str, expected: list[str]) -> None:
    for source in (
        f"{LOG}    message: x {{{{ {expression}",
        f"{LOG}    message: |\n      x\n      {{{{ {expression}\n",
    ):
        assert labels(source) == expected


def test_a_task_sees_no_outputs_of_itself_and_of_what_runs_later() -> None:
    later = "  - id: later\n    type: io.kestra.plugin.core.debug.Return\n"
    assert labels(HEAD + "  - id: log\n    message: '{{ outputs.@ }}'\n" + later) == ["two-words", "one"]


def test_a_quote_that_is_open_hides_nothing_of_the_flow_around_it() -> None:
    marked = (
        HEAD + "  - id: each\n    type: io.kestra.plugin.core.flow.ForEach\n    values: [1]\n    tasks:\n"
        '      - id: inner\n        message: "{{ outputs.@\n'
        "      - id: other\n        type: io.kestra.plugin.core.debug.Return\n"
        '  - id: last\n    type: io.kestra.plugin.core.log.Log\n    message: "hi"\n'
    )
    # the turn before may have run what stands below
    assert labels(marked) == ["other", "two-words", "one"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("message: '{{ outputs.@ }}'", "message: '{{ outputs[\"two-words\"] }}'"),
        ('message: "{{ outputs.@ }}"', "message: \"{{ outputs['two-words'] }}\""),
        ("message: '{{ outputs.two-w@ }}'", "message: '{{ outputs[\"two-words\"] }}'"),
        ("message: \"{{ outputs['tw@", "message: \"{{ outputs['two-words']"),
    ],
)
def test_a_name_that_is_no_word_is_written_in_brackets(before: str, after: str) -> None:
    assert written(f"{LOG}    {before}", "two-words").strip() == after


def test_a_trigger_offers_what_its_type_says() -> None:
    assert labels(HEAD + SCHEDULE + "    inputs:\n      name: '{{ trigger.@") == ["date", "next", "previous"]
    hook = "triggers:\n  - {id: h, type: io.kestra.plugin.core.trigger.Webhook}\n"
    assert "body" in labels(HEAD + "  - id: t\n    message: '{{ trigger.@ }}'\n" + hook)


def test_tags_are_offered_where_one_begins() -> None:
    assert labels(LOG + "    message: '{% e@")[:2] == ["elseif", "else"]
    assert "outputs" in labels(LOG + "    message: '{% if o@")


@pytest.mark.parametrize("place", [(0, 0), (1, 1), (999, 1), (5, 999)])
def test_a_place_that_is_not_in_the_text_is_no_error(place: tuple[int, int]) -> None:
    assert isinstance(complete(HEAD, *place), list)


@pytest.mark.parametrize(
    "source", [HEAD, DAG + "[first]\n", "a: [b\n c: }\n- x\n\t- y: 'z\n", "{{ {% '\n- - - a: b: c"]
)
def test_no_place_in_any_text_is_an_error(source: str) -> None:
    for line, row in enumerate(source.split("\n"), 1):
        for column in range(1, len(row) + 2):
            complete(source, line, column)


def test_a_flow_of_two_hundred_lines_is_completed_at_once() -> None:
    all_types()
    task = "\n    type: io.kestra.plugin.core.log.Log\n    message: '{{ inputs.name }}'\n"
    tasks = "".join(f"  - id: t{number}{task}" for number in range(65))
    marked = HEAD + tasks + "  - id: last\n    message: '{{ outputs.@"
    found = [_seconds(marked) for _ in range(5)]
    assert marked.count("\n") > 200
    assert min(found) < 0.02


@pytest.mark.parametrize("piece", ["a.", "a[", "a: ", "- ", "[{", " ", "'", "| x "])
def test_a_hostile_line_is_answered_within_a_second(piece: str) -> None:
    for line in ("a: {{ " + piece * 30_000, "a" + piece * 30_000):
        start = time.process_time()
        complete(line, 1, len(line) + 1)
        assert time.process_time() - start < 1


def _seconds(marked: str) -> float:
    start = time.process_time()
    assert at(marked)
    return time.process_time() - start
