"""Written forms of values: Ion, YAML, JSON, Java's maps, regular expressions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kapell.errors import RenderError
from kapell.expr import regexp
from kapell.expr.budget import Budget
from kapell.expr.decimalformat import format_number
from kapell.expr.environment import Limits
from kapell.expr.ion import ion_text, parse_ion
from kapell.expr.javamap import hashed_order
from kapell.expr.json import parse_json
from kapell.expr.yamltext import parse_yaml, yaml_text


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 2.5e0 1.50 0x1F", [1, 2.5, Decimal("1.50"), 31]),
        ("\"a\\n\\u00e9\" 'sy m' sym '''long ''' '''text'''", ["a\né", "sy m", "sym", "long text"]),
        ("{a: 1, 'b c': [x, null, null.int], \"d\": (1 + 2)}", [{"a": 1, "b c": ["x", None, None], "d": [1, "+", 2]}]),
        ("type::{a: true} // comment\n/* more */ {{ aGk= }}", [{"a": True}, b"hi"]),
        ("2024-01-02T03:04:05.5Z", [datetime(2024, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)]),
    ],
)
def test_ion_text_is_read(text: str, values: list[object]) -> None:
    assert parse_ion(text) == values


@pytest.mark.parametrize("text", ["{a", "{a:}", "[1", "{a 1}", '"open', "[" * 1000, "]"])
def test_malformed_ion_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_ion(text)


def test_ion_is_written_as_kestra_writes_it() -> None:
    value = {"a": 1, "b c": [1.0, 2.5, None, 'q"\n'], "null": True}
    assert ion_text(value) == "{a:1,'b c':[1e0,2.5e0,null,\"q\\\"\\n\"],'null':true}"


def test_yaml_is_written_without_quotes_where_it_can() -> None:
    value = {
        "a": {"l": ["x", ["z"], {"k": "v"}]},
        "yes": "no",
        "num": "12",
        "s": "a: b",
        "e": "",
        "m": "x\ny\n",
        "u": None,
    }
    assert yaml_text(value) == (
        'a:\n  l:\n   - x\n   -\n     - z\n   -\n    k: v\n"yes": "no"\nnum: 12\n'
        's: "a: b"\ne: ""\nm: |\n  x\n  y\nu: null\n'
    )


def test_yaml_is_read_with_the_words_of_yaml_1_1() -> None:
    text = "a: yes\nb: off\nc: 010\nd: 1_000\ne: 1:30\nf: 2024-01-01\ng: ~\nh: '1'\ni: 1.5\nj: 1e3\nk: !!str 5\n1: x"
    assert parse_yaml(text) == {
        "a": True,
        "b": False,
        "c": 8,
        "d": 1000,
        "e": "1:30",
        "f": "2024-01-01",
        "g": None,
        "h": "1",
        "i": 1.5,
        "j": 1000.0,
        "k": "5",
        "1": "x",
    }


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "[" * 1000])
def test_malformed_yaml_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_yaml(text)


@pytest.mark.parametrize("text", ["", "{a:1}", "NaN", "01", "tru", "[1,]", "[" * 100_000])
def test_malformed_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_a_hash_map_gives_its_keys_in_the_order_of_their_hashes() -> None:
    assert hashed_order(["taskId", "state", "value"]) == ["state", "value", "taskId"]
    assert hashed_order(["b", "a"], 3) == ["a", "b"]
    assert hashed_order(["a", "b c"], 3) == ["b c", "a"]


@pytest.mark.parametrize(
    ("value", "pattern", "text"),
    [
        (1234567.891, None, "1,234,567.891"),
        (2.5, "0", "2"),
        (3.5, "0", "4"),
        (0.125, "#.##", "0.12"),
        (0.5, "#.##", "0.5"),
        (0.5, ".00", ".50"),
        (-7, "#,##0.0;(#)", "(7.0)"),
        (0.256, "0.0%", "25.6%"),
        (7, "'x'0", "x7"),
        (1e-10, "0.###E0", "1E-10"),
        (12345, "##0.##E0", "12.3E3"),
        (Decimal("1.005"), "0.00", "1.00"),
        (2**63 - 1, None, "9,223,372,036,854,775,807"),
        (float("nan"), "0", "NaN"),
    ],
)
def test_numbers_are_printed_by_decimal_patterns(value: int | float | Decimal, pattern: str | None, text: str) -> None:
    assert format_number(value, pattern, "en_US") == text


def test_numbers_are_printed_with_the_signs_of_a_locale() -> None:
    assert format_number(1234.5, None, "de") == "1.234,5"


@pytest.mark.parametrize(
    ("source", "text", "limit", "parts"),
    [
        (",", "a,b,,", 0, ["a", "b"]),
        (",", "a,b,,", -1, ["a", "b", "", ""]),
        (",", "a,b,c", 2, ["a", "b,c"]),
        (",", "", 0, [""]),
        ("", "abc", 0, ["a", "b", "c"]),
        (".", "a.b", 0, []),
        ("|", "a|b", 0, ["a", "|", "b"]),
        (",", ",a", 0, ["", "a"]),
    ],
)
def test_text_is_split_as_java_splits_it(source: str, text: str, limit: int, parts: list[str]) -> None:
    assert regexp.split(source, text, limit, Budget(Limits())) == parts


@pytest.mark.parametrize(
    ("source", "replacement", "text", "made"),
    [
        ("(a)(b)?", "$2$1", "ab a", "ba a"),
        ("(?<x>a)", "<${x}>", "a", "<a>"),
        ("a", "\\$1", "a", "$1"),
        ("[a-z&&[^b]]", "-", "abc", "-b-"),
        ("\\d+", "#", "a1b22", "a#b#"),
        ("\\p{Upper}", "_", "aB", "a_"),
        ("(?i)A", "x", "aA", "xx"),
    ],
)
def test_matches_are_replaced_as_java_replaces_them(source: str, replacement: str, text: str, made: str) -> None:
    assert regexp.replace(source, replacement, text, Budget(Limits())) == made


def test_a_dollar_without_a_group_is_refused() -> None:
    with pytest.raises(RenderError, match="Illegal group reference"):
        regexp.replace("a", "$", "a", Budget(Limits()))
