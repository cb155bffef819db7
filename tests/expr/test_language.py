"""Promises of rendering that are no matter of one text: reads, secrets, budgets, safety, structures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from expr.rendering import env
from kapell import expr
from kapell.errors import RenderError
from kapell.expr import Limits, budget, render
from kapell.expr.sealed import Sealed, seal
from kapell.model.read import NeedsRead, Read, ReadFailed


class Lazy(Mapping[str, object]):
    """A mapping that refuses to be walked."""

    def __getitem__(self, name: str) -> object:
        if name == "there":
            return Lazy() if name == "lazy" else "found"
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("walked")

    def __len__(self) -> int:
        raise AssertionError("counted")


def needs(read: Read) -> object:
    raise NeedsRead(read)


def refuses(read: Read) -> object:
    raise ReadFailed("The requested value has expired")


def test_a_text_without_tags_is_given_back_as_it_is() -> None:
    text = "no tags { here }"
    assert render(text, {}, env()) is text


def test_equal_templates_are_compiled_once() -> None:
    assert expr.compile("{{ a }} compiled once") is expr.compile("{{ a }} compiled once")


@pytest.mark.parametrize(
    "template",
    [
        "{{ kv('a') ?? 'd' }}",
        "{{ secret('a') | default('d') }}",
        "{{ read('a') ??? 'd' }}",
        "{% if kv('a') %}x{% endif %}",
        "{{ kv('a') + 1 }}",
        "{{ kv('a') is defined }}",
        "{{ render('{{ kv(\"a\") }}') ?? 'd' }}",
        "{% for x in kv('a') %}{% endfor %}",
        "{{ http('https://x') }}",
    ],
)
def test_a_read_that_is_not_at_hand_passes_everything(template: str) -> None:
    with pytest.raises(NeedsRead):
        render(template, {}, replace(env(), reader=needs))


def test_a_refused_read_is_an_error_with_the_same_sentence() -> None:
    with pytest.raises(RenderError, match="The requested value has expired") as caught:
        render("{{ kv('a') ?? 'd' }}", {}, replace(env(), reader=refuses))
    assert (caught.value.line, caught.value.column) == (1, 4)


def test_equal_questions_are_equal_values() -> None:
    asked: list[Read] = []

    def reader(read: Read) -> object:
        asked.append(read)
        return "x"

    render(
        "{{ http('u', headers={'b': 1, 'a': 2}) }}{{ http('u', headers={'a': 2, 'b': 1}) }}",
        {},
        replace(env(), reader=reader),
    )
    assert asked[0] == asked[1]
    assert asked[0] == Read(kind="http", name="u", options=(("headers", '{"a":2,"b":1}'), ("method", '"GET"')))


def test_a_read_is_scoped_by_argument_then_rendering_then_flow() -> None:
    scopes: list[str] = []

    def reader(read: Read) -> object:
        scopes.append(read.scope)
        return "x"

    variables = {"flow": {"namespace": "of.flow"}}
    render("{{ kv('k') }}", variables, replace(env(), reader=reader))
    render("{{ kv('k') }}", variables, replace(env(), reader=reader, namespace="of.env"))
    render("{{ kv('k', 'of.argument') }}", variables, replace(env(), reader=reader, namespace="of.env"))
    assert scopes == ["of.flow", "of.env", "of.argument"]


@pytest.mark.parametrize(
    ("template", "masked"),
    [
        ("{{ secret('API_TOKEN') }}", ["s3cr3t"]),
        ("Bearer {{ secret('API_TOKEN') | base64encode }}", ["s3cr3t", "czNjcjN0"]),
        ("{{ 'x-' ~ secret('API_TOKEN') }}", ["s3cr3t", "x-s3cr3t"]),
        ("{% set t = secret('API_TOKEN') | upper %}{{ 'a' }}{{ t ~ '!' }}", ["s3cr3t", "S3CR3T!"]),
        ("{{ render(tpl) | md5 }}", ["s3cr3t", "a4d80eac9ab26a4a2da04125bc2c096a"]),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(secret('API_TOKEN')) }}", ["s3cr3t", "<s3cr3t>"]),
        ("{% for x in [secret('API_TOKEN')] %}{{ x ~ '+' }}{% endfor %}", ["s3cr3t", "s3cr3t+"]),
        ("{% filter upper %}a {{ secret('API_TOKEN') }}{% endfilter %}", ["s3cr3t", "A S3CR3T"]),
        ("{{ fromJson(secret('JSON')) }}", ['{"user": "ann", "pin": 1234}', "ann"]),
        ("{{ secret('API_TOKEN') == 'x' }}{{ name }}", ["s3cr3t"]),
    ],
)
def test_what_is_made_of_a_secret_is_masked(template: str, masked: list[str]) -> None:
    heard: list[str] = []
    render(template, {"tpl": "{{ secret('API_TOKEN') }}", "name": "public"}, env(heard.append))
    assert list(dict.fromkeys(heard)) == masked


@pytest.mark.parametrize(
    "template",
    [
        "{% for a in 1..1000 %}{% for b in 1..1000 %}{% for c in 1..1000 %}{% endfor %}{% endfor %}{% endfor %}",
        "{{ range(1, 100000000000) }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() ?? 'caught' }}",
        "{% set s = 'x' %}{% for i in 1..100 %}{% set s = s ~ s %}{% endfor %}",
        "{% set s = 'aaaaaaaa' %}{% for i in 1..40 %}{% set s = s | replace({'a': 'aaaa'}) %}{% endfor %}",
        "{{ 'a' | indent(1) }}{{ 'a\n' | indent(100000000) }}",
        "{{ 'a'.repeat(100000000) }}",
        "{% block b %}{{ block('b') }}{% endblock %}",
        "{% set l = [1] %}{% for i in 1..100 %}{% set l = l + l %}{% endfor %}",
        "{% set l = [1] %}{% for i in 1..100 %}{% set l = l | merge(l) %}{% endfor %}",
        "{% set l = [1] %}{% for i in 1..100 %}{% set l = [l, l] | flatten %}{% endfor %}",
        "{% set s = 'x' %}{% for i in 1..100 %}{% set s = s + s %}{% endfor %}",
        "{{ [render(t)] }}",
        "{% set a = '{{ render(b) }}{{ render(b) }}' %}{% set b = '{{ render(a) }}{{ render(a) }}' %}{{ render(a) }}",
        "{% if render(t) %}x{% endif %}",
    ],
)
def test_a_rendering_that_grows_without_end_is_stopped(template: str) -> None:
    limits = Limits(steps=100_000, output_chars=1_000_000, seconds=5)
    with pytest.raises(RenderError) as caught:
        render(template, {"t": "{{ render(t) }}"}, replace(env(), limits=limits))
    assert "more than" in caught.value.message or "deep" in caught.value.message


def test_a_regular_expression_that_backtracks_without_end_is_stopped() -> None:
    limits = Limits(seconds=0.2)
    with pytest.raises(RenderError, match="takes too long"):
        render(
            "{{ text | regexMatch('^(a|a)*(a|a)*(a|a)*$') }}", {"text": "a" * 60 + "b"}, replace(env(), limits=limits)
        )


@pytest.mark.parametrize("depth", [100, 1000, 100_000])
@pytest.mark.parametrize("shape", ["({})", "[{}]", "not {}", "-{}", "{{% if true %}}{}{{% endif %}}", "a[{}]"])
def test_deep_nesting_is_refused_or_rendered_but_never_a_crash(shape: str, depth: int) -> None:
    before, _, after = shape.partition("{}")
    inner = (
        f"{before.replace('{{', '{').replace('}}', '}') * depth}1{after.replace('{{', '{').replace('}}', '}') * depth}"
    )
    template = inner if "%" in shape else f"{{{{ {inner} }}}}"
    if depth > 150:
        with pytest.raises(RenderError, match="nested"):
            render(template, {"a": {}}, env())
    else:
        with contextlib.suppress(RenderError):
            render(template, {"a": {}}, env())


@pytest.mark.parametrize(
    "template",
    [
        "{{ x.__class__ }}",
        "{{ x.__class__.__mro__ }}",
        "{{ x.format }}",
        "{{ x.encode }}",
        "{{ l.append(1) }}",
        "{{ l.__len__() }}",
        "{{ m.items() }}",
        "{{ m.__init__ }}",
        "{{ n.real }}",
        "{{ n.bit_length() }}",
        "{{ d.year }}",
        "{{ lazy.layers }}",
        "{{ range.__globals__ }}",
        "{{ x['__class__'] }}",
        "{{ l['__class__'] }}",
    ],
)
def test_no_python_attribute_can_be_reached(template: str) -> None:
    variables = {"x": "text", "l": [1], "m": {"a": 1}, "n": 3, "d": datetime(2026, 1, 1, tzinfo=UTC), "lazy": Lazy()}
    with pytest.raises(RenderError, match="Unable to find"):
        render(template, variables, env())
    assert variables["l"] == [1]


def test_a_lazy_mapping_is_looked_into_and_never_walked() -> None:
    assert (
        render("{{ lazy.there }} {{ lazy.missing ?? 'd' }} {{ lazy['there'] }}", {"lazy": Lazy()}, env())
        == "found d found"
    )
    assert isinstance(render("{{ lazy }}", {"lazy": Lazy()}, env(), "typed"), Lazy)


def test_variables_stay_as_they_were() -> None:
    variables: dict[str, object] = {"l": [3, 1], "m": {"a": 1}}
    render("{{ l + 4 }}{{ l | sort }}{{ m | merge({'b': 2}) }}{% set l = 1 %}{% set z = 2 %}", variables, env())
    assert variables == {"l": [3, 1], "m": {"a": 1}}


def test_the_texts_of_a_structure_are_rendered_its_keys_too() -> None:
    value = {"{{ k }}": ["{{ n }}", 2, {"a": "{{ n }} of"}], "plain": None}
    assert render(value, {"k": "key", "n": 1}, env()) == {"key": ["1", 2, {"a": "1 of"}], "plain": None}
    assert render(value, {"k": "key", "n": 1}, env(), "typed") == {"key": [1, 2, {"a": "1 of"}], "plain": None}


def test_typed_results_are_plain_python_values() -> None:
    value = render("{{ [1, 2 + 3, '1.5' | number, '7' | number('BIGDECIMAL'), {'k': 1..2}] }}", {}, env(), "typed")
    assert value == [1, 5, 1.5, 7, {"k": [1, 2]}]
    assert [type(item) for item in value] == [int, int, float, int, dict]  # type: ignore[union-attr]


def test_dates_and_spans_print_as_java_prints_them() -> None:
    variables = {
        "d": datetime(2026, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC),
        "day": date(2026, 1, 2),
        "span": timedelta(hours=1, seconds=1.5),
    }
    assert render("{{ d }} {{ day }} {{ span }}", variables, env()) == "2026-01-02T03:04:05.600Z 2026-01-02 PT1H1.5S"
    assert render("{{ [d] }} {{ d | date('HH') }}", variables, env()) == '["2026-01-02T03:04:05.600Z"] 03'


def test_a_long_chain_of_operators_renders() -> None:
    assert render("{{ " + " + ".join(["1"] * 300) + " }}", {}, env()) == "300"


def test_error_logs_are_for_workers_only() -> None:
    with pytest.raises(RenderError, match="can only be used in the Worker"):
        render("{{ errorLogs() }}", {}, replace(env(), in_worker=False))


def test_a_subflow_is_for_inputs_only() -> None:
    with pytest.raises(RenderError, match="can only be used at flow-input render time"):
        render("{{ subflow('a', 'b') }}", {"taskrun": {}}, env())


def test_what_is_made_of_a_sealed_value_is_masked_and_the_rest_stays_closed() -> None:
    heard: list[str] = []
    key = b"0123456789abcdef"
    sealed = Sealed(seal(key, "pa55word", b"nonce-of-12b"))
    variables = {"inputs": {"pw": sealed, "user": "ann"}}
    opened = replace(env(heard.append), encryption_key=key)
    assert render("{{ inputs.pw | upper }} {{ inputs.user }} {{ inputs }}", variables, opened) == (
        'PA55WORD ann {"pw":"******","user":"ann"}'
    )
    render("{{ inputs.pw.substring(2) }}", variables, opened)
    assert list(dict.fromkeys(heard)) == ["pa55word", "PA55WORD", "55word"]


def test_a_value_found_among_the_variables_is_given_as_it_is() -> None:
    big = {"rows": [{"a": 1}]}
    assert render("{{ outputs.big.rows }}", {"outputs": {"big": big}}, env(), "typed") is big["rows"]
    assert render("{{ outputs.none ?? outputs.big }}", {"outputs": {"big": big}}, env(), "typed") is big


@pytest.mark.parametrize("program", ["env", "$ENV", "env.PATH // {}", "1) | $ENV | (.", "def env: 1; $ENV"])
def test_a_jq_program_does_not_see_the_environment(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_PROCESS", "hidden")
    assert render("{{ {} | jq(program) }}", {"program": program}, env()) == "[{}]"


def test_jq_keeps_the_digits_of_numbers() -> None:
    variables = {"l": [1.0, 9007199254740993, 12345678901234567890]}
    assert render("{{ l | jq('.[]') }}", variables, env()) == "[1.0,9007199254740993,12345678901234567890]"


@pytest.mark.parametrize(
    "program", ["def f: f; f", "repeat(1)", "[range(1000000000)]", "last(range(1e9))", "[while(true; .)]"]
)
def test_a_jq_program_without_an_end_is_stopped(program: str) -> None:
    limits = Limits(seconds=0.4, output_chars=100_000)
    with pytest.raises(RenderError):
        render("{{ {} | jq(program) }}", {"program": program}, replace(env(), limits=limits))


def test_a_jq_program_that_defines_something_runs_as_any_other() -> None:
    assert render("{{ [1, 2] | jq('def f: . * 2; map(f), [range(3)]') }}", {}, env()) == "[[2,4],[0,1,2]]"


@pytest.mark.parametrize(
    "use",
    [
        "{{ a }}",
        "{{ a ~ '' }}",
        "{{ a | toJson }}",
        "{{ a | toIon }}",
        "{{ a | yaml }}",
        "{{ a | jq('.') }}",
        "{{ [a] | distinct }}",
        "{{ a | replace({'x': 'y'}) }}",
        "{{ a | escapeChar('single') }}",
        "{{ render(a) }}",
        "{{ a == b }}",
    ],
)
def test_a_value_that_holds_itself_many_times_is_not_written_out_for_ever(
    use: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "MOST_PARTS", 20_000)
    laughs = (
        "{% set a = ['x'] %}{% set b = ['x'] %}{% for i in 1..40 %}{% set a = [a, a] %}{% set b = [b, b] %}{% endfor %}"
    )
    limits = Limits(steps=100_000)
    for mode in ("text", "typed"):
        with pytest.raises(RenderError, match="more than"):
            render(laughs + use, {}, replace(env(), limits=limits), mode)  # type: ignore[arg-type]  # both are modes
