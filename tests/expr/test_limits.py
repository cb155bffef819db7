"""Nothing that a template can ask for runs for ever or fills the memory: each of these once did."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import pytest

from expr.rendering import env
from kapell.errors import RenderError
from kapell.expr import Limits, render

LIMITS = Limits(steps=200_000, output_chars=2_000_000, seconds=1)


def again(before: str, work: str) -> str:
    """A template that does the same work nine thousand times."""
    return f"{before}{{% for i in 1..9000 %}}{{% set z = {work} %}}{{% endfor %}}"


TEMPLATES = {
    "long texts in a list": "{% set s = 'x'.repeat(900000) %}{% set l = [] %}"
    "{% for i in 1..1000 %}{% set l = l + [s ~ i] %}{% endfor %}",
    "long texts from a filter": "{% set s = 'x'.repeat(900000) %}{% set l = [] %}"
    "{% for i in 1..1000 %}{% set l = l + [s | upper] %}{% endfor %}",
    "long texts from a method": again("{% set s = 'ab'.repeat(900000) %}", "s.trim()"),
    "sort over and over": again("{% set l = range(1, 90000) + ['a'] %}", "l | slice(0, 89000) | sort"),
    "join over and over": again("{% set l = range(1, 90000) %}", "l | join(',')"),
    "chunk over and over": again("{% set l = range(1, 90000) %}", "l | chunk(1)"),
    "distinct of few long lists": again(
        "{% set l = range(1, 90000) %}{% set k = [l, l, l, l, l] %}",
        "k | distinct",
    ),
    "equality of few long lists": again(
        "{% set l = range(1, 90000) %}{% set k = [l, l, l] %}{% set j = [l + [1], l, l] %}",
        "[l, l, k] == [l + [], l + [], j]",
    ),
    "contains in a long list": again("{% set l = range(1, 90000) %}", "l contains 'x'"),
    "isIn of a long list": again("{% set l = range(1, 90000) %}", "'x' isIn l"),
    "UTF-16 over and over": again("{% set s = '😀'.repeat(900000) %}", "s | length"),
    "a test over and over": again("{% set s = '[' ~ '1,'.repeat(900000) ~ '1]' %}", "s is json"),
    "fromJson over and over": again("{% set s = '[' ~ '1,'.repeat(900000) ~ '1]' %}", "fromJson(s)"),
    "a long template": "{{ render('{{ 1 }}'.repeat(280000)) }}",
    "long templates over and over": "{% set s = '{{ 1 }}'.repeat(9000) %}"
    "{% for i in 1..9000 %}{{ render(s ~ i) }}{% endfor %}",
    "split into letters": again("{% set s = 'x'.repeat(1900000) %}", "s | split('')"),
    "JSON of few long lists": again("{% set l = range(1, 190000) %}", "[l, l] | toJson"),
    "slugify": again("{% set s = 'é '.repeat(900000) %}", "s | slugify"),
    "urldecode": again("{% set s = '%41'.repeat(600000) %}", "s | urldecode"),
    "hex digits": "{{ ('0x' ~ 'f'.repeat(100000)) | number }}",
    "a number of many digits in JSON": "{{ [('0x' ~ 'f'.repeat(100000)) | number] }}",
    "raw without an end": "{{ render('{% raw %}'.repeat(100000)) }}",
    "raw and no tag": "{{ render('{% raw %}'.repeat(100000) ~ 'endraw') }}",
    "raw behind its end": "{{ render('{% endraw %}' ~ '{% raw %}'.repeat(100000)) }}",
    "a date pattern": "{{ ('1'.repeat(200) ~ 'x')"
    " | date('yyyy', existingFormat='uyuyuyuyuyuyuyuyuyuyuyuyuyuyuyuyuyuyuy') }}",
    "optional parts of a date": "{{ ('1 '.repeat(60) ~ 'x')"
    " | date('yyyy', existingFormat='[y ][y ][y ][y ][y ][y ][y ][y ][y ]') }}",
    "a pattern that backtracks": "{{ ('a'.repeat(50000) ~ '!') | regexMatch('(a+)+$') }}",
    "a pattern with repeats of repeats": "{{ 'a' | regexMatch('(((a{1000}){1000}){1000})') }}",
    "replace by a pattern": "{{ ('a'.repeat(50000) ~ '!') | replace({'(a|a)*$': ''}, regexp=true) }}",
    "split by a pattern": "{{ ('a'.repeat(50000) ~ '!') | split('(a+)+$') }}",
    "a method with a pattern": "{{ ('a'.repeat(50000) ~ '!').matches('(a+)+') }}",
    "jq": "{{ [1] | jq('.[536870911] = 1') }}",
    "jq in a loop": "{% for i in 1..9000 %}{{ [1] | jq('[range(100000)] | length') }}{% endfor %}",
}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_it_is_stopped_in_time(template: str) -> None:
    started = monotonic()
    with pytest.raises(RenderError) as caught:
        render(template, {}, replace(env(), limits=LIMITS))
    assert monotonic() - started < 8
    assert len(caught.value.message) < 5000


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ '1e999999999' | number('BIGDECIMAL') }}", float("inf")),
        ("{{ ('1e999999999' | number('BIGDECIMAL')).intValue() }}", 0),
        ("{{ range('1e999999999' | number('BIGDECIMAL'), 2) }}", [0, 1, 2]),
        ("{{ [1, 2] | slice('1e999999999' | number('BIGDECIMAL')) }}", [1, 2]),
    ],
)
def test_a_number_with_a_huge_exponent_is_never_written_out(template: str, expected: object) -> None:
    assert render(template, {}, env(), "typed") == expected


def test_an_error_shows_a_long_value_in_short() -> None:
    with pytest.raises(RenderError) as caught:
        render("{{ 'x'.repeat(1000000) | number }}", {}, env())
    assert len(caught.value.message) < 5000
    with pytest.raises(RenderError) as caught:
        render("{{ missing }}" + "x" * 1_000_000, {}, env())
    assert len(caught.value.message) < 5000
