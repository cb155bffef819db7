"""Inputs, outputs, and literals that their types can't have."""

from __future__ import annotations

import pytest

from kapell.source import load
from kapell.source.inputs import OWN
from unit.source.sources import flow, problems


def inputs(text: str) -> list[str]:
    return problems(f"inputs: [{text}]")


@pytest.mark.parametrize("type", OWN)
def test_every_type_of_input_is_known(type: str) -> None:
    needs = ", itemType: STRING" if type == "ARRAY" else ", inputs: [{id: c, type: INT}]" if type == "FORM" else ""
    assert inputs(f"{{id: i, type: {type}{needs}}}") == []


def test_an_input_is_read_with_all_that_it_says() -> None:
    text = (
        "{id: a.b, type: SELECT, values: [x, y], allowCustomValue: true, displayName: A, description: d, defaults: x}, "
        "{id: c, type: STRING, required: false, prefill: p, dependsOn: {inputs: [a.b], condition: '{{ true }}'}}, "
        "{id: f, type: FORM, inputs: [{id: g, type: INT, max: 3}]}, {name: old, type: BOOLEAN}"
    )
    select, text_input, form, old = load(flow(f"inputs: [{text}]")).inputs
    assert (select.id, select.type, select.defaults, select.display_name) == ("a.b", "SELECT", "x", "A")
    assert select.properties == {"values": ["x", "y"], "allowCustomValue": True}
    assert (text_input.required, text_input.prefill, text_input.depends_on) == (False, "p", ("a.b",))
    assert text_input.condition == "{{ true }}"
    assert [(inner.id, inner.properties) for inner in form.inputs] == [("g", {"max": 3})]
    assert old.id == "old"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{id: i}", "inputs[i].type: Invalid type: <null>"),
        ("{id: i, type: NOPE}", "inputs[i].type: Invalid type: NOPE"),
        ("{id: i, type: string}", "inputs[i].type: Invalid type: string (did you mean `STRING`?)"),
        ('{id: "a b", type: INT}', 'inputs[a b].id: must match "^[a-zA-Z0-9][.a-zA-Z0-9_-]*"'),
        ("{id: i, type: ARRAY}", "inputs[i].itemType: must not be null"),
        ("{id: i, type: ARRAY, itemType: ARRAY}", "inputs[i]: `itemType` cannot be ARRAY"),
        ("{id: i, type: MULTISELECT, itemType: SECRET}", "inputs[i]: `itemType` cannot be SECRET"),
        ("{id: i, type: FORM}", "inputs[i].inputs: must not be null"),
        ("{id: i, type: FILE, defaults: a.csv}", "inputs[i]: inputs of type 'FILE' only support `defaults` as local"),
        (
            "{id: i, type: REUSABLE_INPUTS, ref: a}",
            "Invalid Flow: Input 'i' of type REUSABLE_INPUTS is only available in Enterprise Edition.",
        ),
        (
            "{id: i, type: STRING, prefill: b, defaults: a}",
            "inputs[i]: Inputs with a default value cannot also have a prefill.",
        ),
        ("{id: i, type: ARRAY, itemType: INTT}", "inputs[i].itemType: Invalid type: INTT (did you mean `INT`?)"),
        ('{id: i, type: STRING, validator: "[a-"}', "inputs[i].validator: invalid pattern [[a-]"),
        ("{id: i, type: INT, validator: a}", "inputs[i].validator: Unrecognized field"),
        ("{id: i, type: INT, default: 1}", "inputs[i].default: Unrecognized field"),
        (
            "{id: i, type: STRING, required: false, defaults: a}",
            "inputs[i]: Inputs with a default value must be required, since the default is always applied.",
        ),
        (
            "{id: i, type: INT, defaults: abc}",
            "Invalid Flow: Invalid default for input 'i': `abc` is not a valid INT value",
        ),
        (
            "{id: i, type: FLOAT, defaults: abc}",
            "Invalid Flow: Invalid default for input 'i': `abc` is not a valid FLOAT",
        ),
        (
            "{id: i, type: DATE, defaults: today}",
            "Invalid Flow: Invalid default for input 'i': `today` is not a valid DATE",
        ),
        (
            "{id: i, type: TIME, defaults: noon}",
            "Invalid Flow: Invalid default for input 'i': `noon` is not a valid TIME",
        ),
        (
            "{id: i, type: DATETIME, defaults: now}",
            "Invalid Flow: Invalid default for input 'i': `now` is not a valid DATET",
        ),
        (
            "{id: i, type: DURATION, defaults: 1h}",
            "Invalid Flow: Invalid default for input 'i': `1h` is not a valid DURAT",
        ),
        (
            "{id: i, type: EMAIL, defaults: me}",
            "Invalid Flow: Invalid default for input 'i': The input must be a valid email",
        ),
        (
            "{id: i, type: SELECT, values: [a, b], defaults: c}",
            "Invalid Flow: Invalid default for input 'i': it must match the values `[a, b]`",
        ),
        ("{id: i, type: INT}, {id: i, type: INT}", "Invalid Flow: Duplicate input with name [i]"),
        (
            "{id: a, type: INT}, {id: a.b, type: INT}",
            "Invalid Flow: Input path 'a' conflicts with 'a.b'; one cannot be",
        ),
        (
            "{id: i, type: INT, dependsOn: {inputs: [j]}}",
            "Invalid Flow: Input with id 'i' depends on a non-existent input 'j'.",
        ),
    ],
)
def test_what_an_input_says_wrongly(text: str, expected: str) -> None:
    found = inputs(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_inputs_that_wait_for_each_other_are_refused() -> None:
    text = (
        "{id: a, type: INT, dependsOn: {inputs: [b]}}, {id: b, type: INT, dependsOn: {inputs: [a]}}, "
        "{id: c, type: INT, dependsOn: {inputs: [d]}}, {id: d, type: INT}"
    )
    a, b = (
        f"Cycle dependency detected for input with id '{id}': [{way}]" for id, way in (("a", "a, b"), ("b", "b, a"))
    )
    assert inputs(text) == [f"Invalid Flow: {a}, {b}", f"Invalid Flow: {b}"]


def test_an_input_that_leads_to_a_circle_names_the_circle() -> None:
    depends = "type: INT, dependsOn: {inputs: "
    text = f"{{id: a, {depends}[b]}}}}, {{id: b, {depends}[c]}}}}, {{id: c, {depends}[b]}}}}"
    assert "input with id 'a': [b, c]" in inputs(text)[0]


@pytest.mark.parametrize(
    ("input", "message"),
    [
        ("type: INT, max: 10, defaults: 11", "it must be less than `10`"),
        ("type: INT, min: 10, defaults: 9", "it must be more than `10`"),
        ("type: INT, defaults: 1.5", "`1.5` is not a valid INT value"),
        ("type: INT, defaults: true", "`true` is not a valid INT value"),
        ("type: INT, defaults: 3000000000", "`3000000000` is not a valid INT value"),
        ("type: FLOAT, max: 1.5, defaults: 2", "it must be less than `1.5`"),
        ('type: STRING, validator: "[a-z]+", defaults: ABC', "it must match the pattern `[a-z]+`"),
        ("type: URI, defaults: not a uri", "`not a uri` is not a valid URI value"),
        ('type: DATE, after: "2023-01-01", defaults: "2020-01-01"', "it must be after `2023-01-01`"),
        ('type: TIME, before: "12:00:00", defaults: "13:00:00"', "it must be before `12:00:00`"),
        (
            'type: DATETIME, after: "2023-01-01T00:00:00Z", defaults: "2020-01-01T00:00:00Z"',
            "it must be after `2023-01",
        ),
        ('type: DATETIME, defaults: "2024-01-01T00:00:00"', "`2024-01-01T00:00:00` is not a valid DATETIME value"),
        ("type: DURATION, max: PT5S, defaults: PT10S", "it must be less than `PT5S`"),
    ],
)
def test_a_default_is_held_against_the_limits_of_its_input(input: str, message: str) -> None:
    found = inputs(f"{{id: i, {input}}}")
    assert len(found) == 1
    assert found[0].startswith(f"Invalid Flow: Invalid default for input 'i': {message}")


def test_an_input_without_an_id_is_refused_twice_as_in_kestra() -> None:
    assert inputs("{type: INT}") == ["inputs[0].id: must not be null", "inputs[0].id: must not be blank"]


@pytest.mark.parametrize("type", ["MULTISELECT", "ENUM"])
def test_a_default_that_kestra_checks_later_is_only_doubtful(type: str) -> None:
    rest = f"inputs: [{{id: i, type: {type}, values: [a, b], defaults: [a, c]}}]"
    assert problems(rest) == []
    assert problems(rest, severity="warning") == [
        "Invalid Flow: Invalid default for input 'i': it must match the values `[a, b]`"
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{id: i, type: INT, defaults: "7"}',
        "{id: i, type: INT, defaults: 010}",
        '{id: i, type: INT, defaults: "{{ vars.n }}"}',
        "{id: i, type: BOOL, defaults: maybe}",
        "{id: i, type: STRING, defaults: 1}",
        "{id: i, type: DURATION, defaults: 30}",
        "{id: i, type: DATETIME, defaults: 2024-01-01T00:00:00Z}",
        "{id: i, type: SELECT, defaults: c}",
        "{id: i, type: FILE, defaults: 'nsfile:///a.csv'}",
        "{id: i, type: FILE, defaults: '{{ vars.f }}'}",
        "{id: i, type: INT, min: x, defaults: 1}",
        "{id: i, type: STRING, validator: '(a+)+b', defaults: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab}",
        "{id: i, type: SELECT, values: [{label: One, value: 1}], defaults: 1}",
        "{id: i, type: SELECT, values: [a], allowCustomValue: true, defaults: c}",
        "{id: i, type: MULTISELECT, values: [a, b], defaults: '[\"a\"]'}",
    ],
)
def test_a_default_that_kestra_takes_is_taken(text: str) -> None:
    assert inputs(text) == []


@pytest.mark.parametrize(
    "pattern", ["^[a-z]+$", r"\d{3}", "(?i)x|y", "(?<n>a)", "[]a]", "[^]a]", r"[\]]", r"\Q(\E", "a[b[c]]"]
)
def test_a_pattern_that_java_reads_is_right(pattern: str) -> None:
    assert inputs(f"{{id: i, type: STRING, validator: '{pattern}'}}") == []


@pytest.mark.parametrize("pattern", ["[a-", "(a", "a)", "*a", "a|+", "\\", "(?:a", "x(*)"])
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    assert inputs(f"{{id: i, type: STRING, validator: '{pattern}'}}") == [
        f"inputs[i].validator: invalid pattern [{pattern}]"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{id: o, type: STRING}", "outputs[o].value: must not be null"),
        ("{id: o, type: NOPE, value: a}", "outputs[o].type: Invalid type: NOPE"),
        (
            "{id: o, type: INT, value: abc}",
            "Invalid Flow: Invalid value for output 'o': `abc` is not a valid INT value",
        ),
        ("{id: o, type: INT, value: 1}, {id: o, type: INT, value: 1}", "Invalid Flow: Duplicate output with name [o]"),
    ],
)
def test_what_an_output_says_wrongly(text: str, expected: str) -> None:
    assert [found.split(" (")[0] for found in problems(f"outputs: [{text}]")] == [expected]
