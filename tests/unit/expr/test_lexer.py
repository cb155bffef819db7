"""Words of a template, their places, white space control."""

from __future__ import annotations

import pytest

from kapell.errors import RenderError
from kapell.expr.lexer import tokenize
from kapell.expr.tokens import Kind


def words(template: str) -> list[tuple[str, str | None]]:
    return [(str(token.kind), token.value) for token in tokenize(template)[:-1]]


def test_text_and_prints_alternate() -> None:
    assert words("a {{ b }} c") == [
        ("TEXT", "a "),
        ("PRINT_START", None),
        ("NAME", "b"),
        ("PRINT_END", "}}"),
        ("TEXT", " c"),
    ]


def test_every_token_knows_its_line_and_column() -> None:
    tokens = tokenize("ab\n c {{\n  name | upper }}")
    assert [(t.kind, t.line, t.column) for t in tokens[1:5]] == [
        (Kind.PRINT_START, 2, 4),
        (Kind.NAME, 3, 3),
        (Kind.OPERATOR, 3, 8),
        (Kind.NAME, 3, 10),
    ]


@pytest.mark.parametrize(
    "name", ["organization", "island", "nothing", "android", "or_1", "is_x", "contains2", "isInside"]
)
def test_a_name_that_starts_like_an_operator_is_a_name(name: str) -> None:
    assert words(f"{{{{ {name} }}}}")[1] == ("NAME", name)


@pytest.mark.parametrize("spelled", ["is not", "is  not", "is\nnot"])
def test_is_not_is_one_operator_however_it_is_spaced(spelled: str) -> None:
    assert ("OPERATOR", "is not") in words(f"{{{{ a {spelled} empty }}}}")


def test_closing_braces_inside_brackets_belong_to_the_map() -> None:
    assert words("{{ {'a': {'b': 1}} }}")[-1] == ("PRINT_END", "}}")


def test_a_double_quoted_text_is_cut_at_its_interpolations() -> None:
    kinds = [kind for kind, _ in words('{{ "a#{b}c" }}')]
    assert kinds[1:6] == ["STRING", "STRING_INTERPOLATION_START", "NAME", "STRING_INTERPOLATION_END", "STRING"]


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("a \n{{- b }}", ["a"]),
        ("{{ b -}} \n a", ["a"]),
        ("a {%- set x = 1 -%} b", ["a", "b"]),
        ("a {#- c -#} b", ["a", "b"]),
        ("a {{-b }}", ["a "]),
        ("a {%- raw %} b {% endraw -%} c", ["a ", " b ", " c"]),
    ],
)
def test_a_minus_trims_its_side(template: str, texts: list[str]) -> None:
    assert [value for kind, value in words(template) if kind == "TEXT"] == texts


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ (a }}", 'Unclosed ")"'),
        ("{{ a) }}", 'Unexpected ")"'),
        ("{{ [a", 'Unclosed "["'),
        ("{{ 'a }}", "Unexpected character [']"),
        ('{{ "a#{b', 'Unclosed "#{"'),
        ('{{ "a#{b}', 'Unclosed """'),
        ("{# a", "Unclosed comment."),
        ("{% verbatim %}a", "Unclosed verbatim tag."),
        ("{{ § }}", "Unexpected character [§]"),
    ],
)
def test_a_malformed_word_is_an_error(template: str, message: str) -> None:
    with pytest.raises(RenderError) as caught:
        tokenize(template)
    assert (caught.value.message, caught.value.syntax) == (message, True)
