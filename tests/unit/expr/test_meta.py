"""What a template reads, told without running it."""

from __future__ import annotations

import pytest

from kapell.errors import RenderError
from kapell.expr import meta


def paths(template: str) -> list[tuple[object, ...]]:
    return [use.path for use in meta(template).variables]


@pytest.mark.parametrize(
    ("template", "read"),
    [
        ("no tags", []),
        ("{{ outputs.task.prop }}", [("outputs", "task", "prop")]),
        ("{{ outputs['a-b'].list[0].x }}", [("outputs", "a-b", "list", 0, "x")]),
        ("{{ outputs[inputs.which].x }}", [("outputs", None, "x"), ("inputs", "which")]),
        ("{{ a ~ b | upper }}", [("a",), ("b",)]),
        ('{{ "x #{inputs.y}" }}', [("inputs", "y")]),
        ("{{ f(a, k=b.c) }}", [("a",), ("b", "c")]),
        ("{% set a = inputs.x %}{{ a.b }}{{ c }}", [("inputs", "x"), ("c",)]),
        (
            "{% for a in outputs.x %}{{ a }}{{ loop.index }}{{ b }}{% endfor %}{{ a }}",
            [("outputs", "x"), ("b",), ("a",)],
        ),
        ("{% macro m(x) %}{{ x }}{{ y }}{% endmacro %}{{ m(z) }}", [("z",)]),
        ("{% if a %}{{ b }}{% else %}{{ c }}{% endif %}", [("a",), ("b",), ("c",)]),
        ("{{ (a ?? b).c }}", [("a",), ("b",)]),
        ("{{ name.toUpperCase() }}", [("name",)]),
        ("{% raw %}{{ a }}{% endraw %}{# {{ b }} #}", []),
        ("{{ 'outputs.x' }}", []),
    ],
)
def test_variables_are_read_as_paths(template: str, read: list[tuple[object, ...]]) -> None:
    assert paths(template) == read


def test_uses_have_their_places_and_constant_arguments() -> None:
    found = meta("a\n {{ x | date('iso', z) is defined }} {{ secret('KEY') }}{{ nope() }}")
    assert [(use.name, use.line, use.column, use.arguments) for use in found.filters] == [("date", 2, 9, ("iso", None))]
    assert [(use.name, use.arguments) for use in found.functions] == [("secret", ("KEY",)), ("nope", ())]
    assert [use.name for use in found.tests] == ["defined"]
    assert found.secret


def test_a_guarded_variable_is_told_from_one_that_must_be_there() -> None:
    found = meta("{{ a ?? b }}{{ c | default('d') }}{{ e is defined }}{{ f }}")
    assert {use.path[0]: use.guarded for use in found.variables} == {
        "a": True,
        "b": False,
        "c": True,
        "e": True,
        "f": False,
    }


def test_macros_of_the_template_are_no_functions() -> None:
    found = meta("{{ m() }}{% macro m() %}{{ now() }}{% endmacro %}")
    assert [use.name for use in found.functions] == ["now"]
    assert found.macros == {"m"}


def test_wrong_syntax_is_an_error_with_its_place() -> None:
    with pytest.raises(RenderError) as caught:
        meta("a\n {{ b + }}")
    assert (caught.value.syntax, caught.value.line, caught.value.column) == (True, 2, 8)
