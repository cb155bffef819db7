"""What is given meets what is declared."""

from __future__ import annotations

import pytest

from kapell.engine.inputs import Choice, Upload, resolve
from kapell.model.input import Input
from kapell.model.read import NeedsRead, from_answers
from unit.engine.inputs.asking import asked, field


def test_what_is_given_comes_out_typed_and_nested() -> None:
    resolved = asked("{id: db.host, type: STRING}, {id: db.port, type: INT, defaults: 5432}", {"db.host": "h1"})
    assert resolved.values == {"db": {"host": "h1", "port": 5432}}
    assert resolved.problems == {}
    assert not field(resolved, "db.host").is_default
    assert field(resolved, "db.port").is_default


def test_values_may_be_given_nested_as_well() -> None:
    resolved = asked("{id: db.host, type: STRING}, {id: db.port, type: INT}", {"db": {"host": "h", "port": "1"}})
    assert resolved.values == {"db": {"host": "h", "port": 1}}
    assert resolved.unknown == ()


def test_what_nothing_declares_is_left_out_and_named() -> None:
    resolved = asked("{id: a.b, type: STRING}", {"a": {"b": "x", "c": 1}, "naïve": "☃"})
    assert resolved.values == {"a": {"b": "x"}}
    assert resolved.unknown == ("naïve", "a.c")


def test_all_that_is_wrong_is_told_at_once() -> None:
    resolved = asked("{id: i, type: INT}, {id: s, type: STRING}, {id: f, type: FLOAT}", {"i": "x", "f": "y"})
    assert resolved.problems == {
        "i": "Invalid value for input `i`. Cause: Cannot convert value 'x' to Integer",
        "s": "Missing required input:s",
        "f": "Invalid value for input `f`. Cause: Cannot convert value 'y' to Float",
    }


def test_an_optional_input_that_is_not_given_is_null_whatever_its_prefill() -> None:
    resolved = asked("{id: s, type: STRING, required: false, prefill: pre}", {"s": None})
    assert resolved.values == {"s": None}
    assert resolved.problems == {}


def test_an_empty_text_is_a_text_and_for_other_types_nothing() -> None:
    resolved = asked("{id: s, type: STRING, defaults: d}, {id: i, type: INT, defaults: 3}", {"s": "", "i": ""})
    assert resolved.values == {"s": "", "i": 3}
    assert asked("{id: i, type: INT}", {"i": ""}).problems == {"i": "Missing required input:i"}


def test_a_default_is_an_expression_and_a_lone_one_keeps_its_type() -> None:
    resolved = asked(
        '{id: a, type: STRING, defaults: "{{ flow.id }} {{ vars.v }}"}, {id: b, type: INT, defaults: "{{ 1 + 1 }}"}, '
        "{id: c, type: JSON, defaults: \"{{ {'k': [1]} }}\"}, {id: d, type: JSON, defaults: {k: '{{ 1 }}', l: 2}}"
    )
    assert resolved.values == {"a": "asks var", "b": 2, "c": {"k": [1]}, "d": {"k": "1", "l": 2}}


def test_a_default_sees_only_the_inputs_that_it_depends_on() -> None:
    other, first = "{id: s, type: STRING}", '{id: d, type: STRING, defaults: "{{ inputs.s }}-x"'
    assert asked(f"{other}, {first}}}", {"s": "a"}).values["d"] == "-x"
    assert asked(f"{first}, dependsOn: {{inputs: [s]}}}}, {other}", {"s": "a"}).values == {"d": "a-x", "s": "a"}


def test_a_default_that_can_not_be_rendered_is_a_problem() -> None:
    problems = asked('{id: s, type: STRING, defaults: "{{ nope }}"}').problems
    assert problems["s"].startswith("Invalid value for input `s`. Cause: Unable to find `nope`")


def test_a_false_condition_hides_an_input_and_all_that_depend_on_it() -> None:
    declared = (
        "{id: kind, type: SELECT, values: [a, b]}, "
        "{id: only_b, type: STRING, dependsOn: {inputs: [kind], condition: \"{{ inputs.kind == 'b' }}\"}}, "
        "{id: below, type: STRING, dependsOn: {inputs: [only_b]}}"
    )
    resolved = asked(declared, {"kind": "a", "only_b": "x", "below": "y"})
    assert [each.enabled for each in resolved.fields] == [True, False, False]
    assert resolved.values == {"kind": "a"}
    assert resolved.problems == {}
    assert asked(declared, {"kind": "b"}).problems.keys() == {"only_b", "below"}


def test_tasks_see_the_default_of_an_input_whose_condition_is_false() -> None:
    resolved = asked(
        '{id: s, type: STRING, defaults: d, dependsOn: {inputs: [], condition: "{{ false }}"}}', {"s": "x"}
    )
    assert resolved.values == {"s": "d"}
    assert not field(resolved, "s").enabled
    assert field(resolved, "s").value is None


def test_a_condition_that_can_not_be_rendered_is_told() -> None:
    resolved = asked('{id: s, type: STRING, dependsOn: {inputs: [], condition: "{{ nope }}"}}')
    assert resolved.problems["s"].startswith(
        "Invalid value for input `s`. Cause: Invalid condition: Unable to find `nope`"
    )


def test_inputs_that_depend_on_each_other_come_to_an_end() -> None:
    circle = [Input(id="a", type="STRING", depends_on=("b", "a")), Input(id="b", type="STRING", depends_on=("a", "?"))]
    resolved = resolve(circle, {"a": "1", "b": "2"}, render=lambda value, seen, typed: value, variables={})
    assert resolved.values == {"a": "1", "b": "2"}


def test_a_long_chain_of_inputs_is_no_trouble() -> None:
    chain = [Input(id=f"i{n}", type="INT", depends_on=(f"i{n + 1}",), defaults=n) for n in range(5000)]
    resolved = resolve(chain, {}, render=lambda value, seen, typed: value, variables={})
    assert len(resolved.values) == 5000


def test_choices_may_be_an_expression() -> None:
    declared = '{id: pick, type: SELECT, expression: "{{ [1, 2] }}"}'
    assert asked(declared, {"pick": "2"}).values == {"pick": "2"}
    refused = asked(declared, {"pick": "9"})
    assert refused.problems == {"pick": "Invalid value for input `pick`. Cause: it must match the values `[1, 2]`"}
    assert field(refused, "pick").choices == (Choice("1", "1"), Choice("2", "2"))


@pytest.mark.parametrize(
    ("expression", "cause"),
    [
        ("{{ 3 + 1 }}", "Invalid expression result. Expected a list of strings, but received Integer"),
        ("abc", "Invalid expression result. Expected a list of strings, but received String"),
        ("{{ nope }}", "Cannot render 'expression'. Cause: Unable to find `nope`"),
    ],
)
def test_an_expression_that_gives_no_list_is_told(expression: str, cause: str) -> None:
    problems = asked(f"{{id: p, type: MULTISELECT, expression: '{expression}'}}", {"p": ["a"]}).problems
    assert problems["p"].startswith(f"Invalid value for input `p`. Cause: {cause}")


def test_the_first_choice_may_be_the_default() -> None:
    resolved = asked(
        "{id: one, type: SELECT, values: [{label: A, value: a}, b], autoSelectFirst: true}, "
        '{id: many, type: MULTISELECT, expression: \'["x", "y"]\', autoSelectFirst: true}'
    )
    assert resolved.values == {"one": "a", "many": ["x"]}
    assert field(resolved, "one").choices == (Choice("a", "A"), Choice("b", "b"))


def test_a_form_groups_its_inputs_and_hides_them_all() -> None:
    declared = (
        "{id: home, type: BOOL}, {id: address, type: FORM, "
        'dependsOn: {inputs: [home], condition: "{{ inputs.home }}"}, inputs: ['
        "{id: city, type: STRING}, "
        "{id: zip, type: INT, "
        "dependsOn: {inputs: [address.city], condition: \"{{ inputs.address.city == 'Paris' }}\"}}]}"
    )
    resolved = asked(declared, {"home": True, "address": {"city": "Paris", "zip": "75001"}})
    assert resolved.values == {"home": True, "address": {"city": "Paris", "zip": 75001}}
    assert asked(declared, {"home": True, "address.city": "Rome"}).values == {"home": True, "address": {"city": "Rome"}}
    hidden = asked(declared, {"home": False, "address.city": "Paris"})
    assert hidden.values == {"home": False}
    assert [each.id for each in hidden.fields if each.enabled] == ["home"]


def test_a_secret_is_encrypted_in_the_row_and_hidden_in_the_form() -> None:
    resolved = asked('{id: s, type: SECRET, validator: "[a-z]+"}', {"s": "token"})
    assert resolved.values == {"s": {"type": "io.kestra.datatype:aes_encrypted", "value": "sealed(token)"}}
    assert field(resolved, "s").value == "******"
    wrong = asked('{id: s, type: SECRET, validator: "[a-z]+"}', {"s": "T0KEN"})
    assert "T0KEN" not in str(wrong)


def test_a_secret_without_a_key_is_refused() -> None:
    problems = asked("{id: s, type: SECRET}", {"s": "token"}, encrypted=False).problems
    cause = "Unable to use a `SECRET` input/output as encryption is not configured"
    assert problems == {"s": f"Invalid value for input `s`. Cause: {cause}"}


def test_the_content_of_a_file_is_to_be_stored_where_its_value_says() -> None:
    resolved = asked("{id: f, type: FILE}, {id: g, type: FILE, extension: .txt}", {"f": "a,b", "g": b"\x00"})
    folder = "/company/team/asks/executions/e1/inputs"
    assert resolved.values == {"f": f"kestra://{folder}/f/f.upl", "g": f"kestra://{folder}/g/g.txt"}
    assert resolved.files == {f"{folder}/f/f.upl": b"a,b", f"{folder}/g/g.txt": b"\x00"}


def test_an_uploaded_file_keeps_its_name_and_nothing_of_its_path() -> None:
    declared = "{id: f, type: FILE, allowedFileExtensions: [csv]}"
    resolved = asked(declared, {"f": Upload("../../etc/é 1.CSV", b"x")})
    assert resolved.values == {"f": "kestra:///company/team/asks/executions/e1/inputs/f/%C3%A9%201.CSV"}
    assert list(resolved.files) == ["/company/team/asks/executions/e1/inputs/f/é 1.CSV"]
    assert asked("{id: f, type: FILE}", {"f": Upload("..", b"x")}).values["f"].endswith("/inputs/f/file")
    assert asked(declared, {"f": Upload("a.exe", b"x")}).problems == {
        "f": "Invalid value for input `f`. Cause: File type not allowed. Accepted extensions: .csv"
    }


def test_the_address_of_a_file_stays_as_it_is() -> None:
    for address in ("kestra:///a/b.csv", "nsfile:///a.csv", "file:///tmp/a.csv"):
        resolved = asked(f"{{id: f, type: FILE, defaults: '{address}'}}")
        assert resolved.values == {"f": address}
        assert resolved.files == {}


def test_what_has_to_be_read_first_is_asked_for() -> None:
    with pytest.raises(NeedsRead):
        asked("{id: s, type: STRING, defaults: \"{{ kv('k') }}\"}", reader=from_answers({}))
