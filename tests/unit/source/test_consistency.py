"""What a flow must hold against itself."""

from __future__ import annotations

from kapell.source import check
from unit.source.sources import LOG, flow, only, problems

SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"


def of_code(rest: str, code: str, tasks: str = LOG) -> list[str]:
    return [str(problem) for problem in check(flow(rest, tasks)) if problem.code == code]


def test_an_id_is_unique_over_all_tasks_at_any_depth() -> None:
    problem = only(flow(f"errors: [{{id: p, type: io.kestra.plugin.core.flow.Parallel, tasks: [{LOG}]}}]"))
    assert problem.message == "Invalid Flow: Duplicate task id with name [t]"
    assert (problem.path, problem.pointer, problem.line) == ("", "/errors/0/tasks/0/id", 4)
    assert problem.remedy == "the first one is on line 3"


def test_ids_that_yaml_reads_as_the_same_are_the_same() -> None:
    log = "io.kestra.plugin.core.log.Log, message: m"
    assert (
        "Duplicate task id with name [true]" in problems(tasks=f"{{id: yes, type: {log}}}, {{id: on, type: {log}}}")[0]
    )


def test_a_trigger_id_is_unique() -> None:
    triggers = f"triggers: [{{id: a, type: {SCHEDULE}, cron: '@daily'}}, {{id: a, type: {SCHEDULE}, cron: '@daily'}}]"
    assert "Invalid Flow: Duplicate trigger id with name [a]" in of_code(triggers, "duplicate-id")[0]


def test_a_flow_may_not_call_itself() -> None:
    tasks = "{id: s, type: io.kestra.plugin.core.flow.Subflow, namespace: '{{ flow.namespace }}', flowId: x}"
    assert of_code("", "recursive-call", tasks) == ["Invalid Flow: Recursive call to flow [a.b.x]"]


def test_a_dash_needs_brackets_where_there_is_such_an_input_or_task() -> None:
    tasks = "{id: t-1, type: io.kestra.plugin.core.debug.Return, format: '{{ inputs.a-b }} {{ inputs.c - inputs.d }}'}"
    rest = (
        "inputs: [{id: a-b, type: INT}, {id: c, type: INT}, {id: d, type: INT}]\n"
        "outputs: [{id: o, type: STRING, value: '{{ outputs.t-1.value }}'}]\n"
    )
    reason = "keys with dashes require bracket notation"
    input = (
        f"Invalid input reference: use inputs[key-name] instead of inputs.key-name — {reason}, offending tasks: [t-1]"
    )
    output = (
        f"Invalid output reference: use outputs[key-name] instead of outputs.key-name — {reason}, "
        "offending outputs: [o]"
    )
    assert of_code(rest, "dash", tasks) == [f"Invalid Flow: {input}, {output}", f"Invalid Flow: {output}"]


def test_a_schedule_must_give_every_input_that_has_no_default() -> None:
    needed = "{id: a, type: INT}, {id: b, type: INT}"
    others = "{id: c, type: INT, defaults: 1}, {id: d, type: INT, required: false}"
    inputs = f"inputs: [{needed}, {others}]\n"
    trigger = f"triggers: [{{id: s, type: {SCHEDULE}, cron: '@daily', inputs: {{b: x}}}}]"
    found = check(flow(inputs + trigger))
    messages = [problem.message for problem in found if problem.code in ("missing-input", "bad-value")]
    missing = "Missing inputs for Schedule Trigger 's', missing inputs: 'a'"
    bad = "Invalid value for input 'b' supplied by Schedule Trigger 's': `x` is not a valid INT value"
    assert messages == [f"Invalid Flow: {missing}, {bad}", f"Invalid Flow: {bad}"]


def test_the_inputs_of_a_form_are_given_by_their_whole_path() -> None:
    form = "inputs: [{id: f, type: FORM, inputs: [{id: a, type: INT}, {id: b, type: INT}]}]\n"
    trigger = f"triggers: [{{id: s, type: {SCHEDULE}, cron: '@daily', inputs: {{f.a: 1}}}}]"
    assert of_code(form + trigger, "missing-input") == [
        "Invalid Flow: Missing inputs for Schedule Trigger 's', missing inputs: 'f.b'"
        " (give them a default, or a value in the trigger)"
    ]


def test_kestra_looks_at_no_inputs_of_schedules_on_dates() -> None:
    trigger = "io.kestra.plugin.core.trigger.ScheduleOnDates, dates: ['2024-01-01T00:00:00Z'], inputs: {b: x}"
    rest = f"inputs: [{{id: a, type: INT}}, {{id: b, type: INT}}]\ntriggers: [{{id: s, type: {trigger}}}]"
    assert {problem.severity for problem in check(flow(rest))} == {"warning"}


def test_all_that_is_wrong_with_a_flow_as_a_whole_is_one_sentence_as_in_kestra() -> None:
    log = "type: io.kestra.plugin.core.log.Log, message: m"
    tasks = ", ".join(f"{{id: {id}, {log}}}" for id in ("a", "b", "b", "a", "a"))
    daily = f"type: {SCHEDULE}, cron: '@daily'"
    found = [
        problem
        for problem in check(
            flow(f"labels: {{system.x: 1}}\ntriggers: [{{id: a, {daily}}}, {{id: a, {daily}}}]", tasks)
        )
        if problem.severity == "error"
    ]
    sentences = [
        problem.message for problem in found if "Duplicate task" in problem.message and "System" in problem.message
    ]
    assert sentences == [
        "Invalid Flow: Duplicate task id with name [a, b], Duplicate trigger id with name [a], "
        "System labels can only be set by Kestra itself, offending label: system.x=1"
    ]
    assert len(found) == 5


def test_a_webhook_without_inputs_is_only_doubtful() -> None:
    rest = "inputs: [{id: a, type: INT}]\ntriggers: [{id: w, type: io.kestra.plugin.core.trigger.Webhook, key: k}]"
    found = [problem for problem in check(flow(rest)) if problem.code == "missing-input"]
    assert [(problem.severity, problem.message) for problem in found] == [
        ("warning", "Invalid Flow: Missing inputs for Webhook Trigger 'w', missing inputs: 'a'")
    ]
