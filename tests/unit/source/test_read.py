"""Text → tree: scalars, keys, anchors, and the places of it all."""

from __future__ import annotations

import pytest

from kapell.source.nodes import MapNode, plain
from kapell.source.problem import Findings
from kapell.source.read import read


def value(text: str) -> object:
    findings = Findings()
    root = read(text, findings)
    assert findings.problems == []
    assert root is not None
    return plain(root)


def sentence(text: str) -> str:
    findings = Findings()
    read(text, findings)
    assert len(findings.problems) == 1
    return findings.problems[0].message.removeprefix("Illegal Flow source: YAML parsing error: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("Yes", True),
        ("ON", True),
        ("off", False),
        ("y", "y"),
        ("oN", "oN"),
        ("010", 8),
        ("0x1F", 31),
        ("0b101", 5),
        ("1_000", 1000),
        ("-12", -12),
        ("+7", 7),
        ("08", "08"),
        ("0o10", "0o10"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1.0", 1.0),
        ("1.2.3", "1.2.3"),
        ('"010"', "010"),
        ("!!str 010", "010"),
        ("!!str true", "true"),
        ("!!int '12'", 12),
        ("!!float 1", 1.0),
        ("! 12", "12"),
        ("-", [""]),
        ("'~'", "~"),
    ],
)
def test_a_scalar_means_what_it_means_to_kestra(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_null_vanishes_from_a_map_and_stays_in_a_list() -> None:
    assert value("a: ~\nb: null\nc:\nd: [~, 1]\n") == {"c": "", "d": [None, 1]}


def test_keys_are_the_texts_that_were_written() -> None:
    assert value("1: a\ntrue: b\n~: c\n010: d\n") == {"1": "a", "true": "b", "~": "c", "010": "d"}


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "!!int abc", "9" * 401])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    assert sentence(f"a: {text}").startswith("Malformed numeric value")


def test_anchors_and_merge_keys_work_as_yaml_says() -> None:
    text = "base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [{x: 9}, *b]}\nthree: *b\nfour: {'<<': 5}\n"
    found = value(text)
    assert isinstance(found, dict)
    assert found["one"] == {"x": 1, "y": 3}
    assert found["two"] == {"x": 9, "y": 2}
    assert found["three"] == {"x": 1, "y": 2}
    assert found["four"] == {"<<": 5}


def test_every_value_and_key_knows_its_place() -> None:
    root = read("a: 1\nb:\n  - c: x\n", Findings())
    assert isinstance(root, MapNode)
    key = root.entries["b"]
    assert (key.line, key.column) == (2, 1)
    assert (key.value.line, key.value.column) == (3, 3)


def test_a_duplicate_key_names_both_places_wherever_it_is() -> None:
    findings = Findings()
    read("a: 1\nb: {c: 1, c: 2}\na: 3\n", findings)
    assert [(p.line, p.message.partition("error: ")[2]) for p in findings.problems] == [
        (2, "Duplicate field 'c': first on line 2, again on line 2"),
        (3, "Duplicate field 'a': first on line 1, again on line 3"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "No content to map due to end-of-input"),
        ("# only a comment\n", "No content to map due to end-of-input"),
        ("a: 1\n---\nb: 2\n", "a source holds one flow, here a second begins"),
        ("\ta: 1", "a tab stands where only spaces may indent (line 1, column 1)"),
        ("a: 'x", "a quote is opened and never closed (line 1, column 4)"),
        ("a: @b", "a value can't begin with `@` (line 1, column 4)"),
        ("a: {{ b }}", "a key must be a text"),
        ("a: b: c", "a `:` stands where no key can be (line 1, column 5)"),
        ("a: *b", "`*b` refers to an anchor that is not there"),
        ("a: &b [*b]", "`*b` refers to a value that it is part of"),
        ("a: {<<: 1}", "`<<` merges maps only"),
        ("a: \x00", "a character that YAML does not allow: U+0000"),
        ("a: \ud800", "a character that YAML does not allow: U+D800"),
    ],
)
def test_what_can_not_be_read_is_told_in_plain_words(text: str, expected: str) -> None:
    assert sentence(text) == expected
