"""YAML both ways, and to JSON without Ion between."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from plugins.serdes.conversion import at, convert

TEXT = "---\nid: 1\nname: Apple\nprice: 1.2\n---\nid: 2\ntags: [yes, 2026-01-02, null, true, 0x1F]\n"
ROWS = [{"id": 1, "name": "Apple", "price": 1.2}, {"id": 2, "tags": ["yes", "2026-01-02", None, True, 31]}]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def test_documents_become_rows(files: LocalFiles) -> None:
    made = convert(files, "yaml.YamlToIon", TEXT)
    assert made.rows == ROWS
    assert made.ran.result.outputs == {"uri": made.uri, "size": 2}


def test_anchors_and_merges_are_followed(files: LocalFiles) -> None:
    made = convert(files, "yaml.YamlToIon", "base: &b {x: 1}\nmore:\n  <<: *b\n  y: 2\n")
    assert made.rows == [{"base": {"x": 1}, "more": {"x": 1, "y": 2}}]


def test_what_is_no_yaml_is_named_by_its_line(files: LocalFiles) -> None:
    assert convert(files, "yaml.YamlToIon", "a: 1\nb: [1,\nc: }\n").error.startswith("Line 3: this is no YAML: ")


@pytest.mark.parametrize("bomb", ["a: &a [*a]\n", "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n"])
def test_aliases_that_grow_without_end_are_refused(files: LocalFiles, bomb: str) -> None:
    grown = bomb + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12) if "a0" in bomb)
    assert "aliases stand for more than" in convert(files, "yaml.YamlToIon", grown).error


def test_rows_become_documents(files: LocalFiles) -> None:
    made = convert(files, "yaml.IonToYaml", [{"z": 1, "a": "é: x"}, {"day": date(2026, 1, 2), "p": Decimal("1.50")}])
    assert made.text == "---\nz: 1\na: 'é: x'\n---\nday: \"2026-01-02\"\np: 1.50\n"


def test_what_was_written_is_read_the_same(files: LocalFiles) -> None:
    made = convert(files, "yaml.IonToYaml", ROWS)
    assert at(files, "yaml.YamlToIon", made.uri).rows == ROWS


def test_json_becomes_yaml(files: LocalFiles) -> None:
    assert convert(files, "yaml.JsonToYaml", '[{"a": 1}, {"a": 2}]').text == "---\na: 1\n---\na: 2\n"
    assert convert(files, "yaml.JsonToYaml", '[1]\n{"a": 2}\n', jsonl=True).text == "---\n- 1\n---\na: 2\n"


@pytest.mark.parametrize(
    ("text", "jsonl", "json"),
    [
        ("a: 1\n", False, '{"a":1}'),
        ("a: 1\n---\n- 2\n", False, '[{"a":1},[2]]'),
        ("", False, "{}"),
        ("a: 1\n---\n- 2\n", True, '{"a":1}\n[2]\n'),
    ],
)
def test_yaml_becomes_json(files: LocalFiles, text: str, jsonl: bool, json: str) -> None:
    assert convert(files, "yaml.YamlToJson", text, jsonl=jsonl).text == json
