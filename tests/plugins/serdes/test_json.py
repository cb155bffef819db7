"""JSON both ways: lines and arrays, read in pieces."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from plugins.serdes.conversion import convert
from tables import content

ROWS: list[object] = [{"a": 1, "b": [1.5, None, "é"]}, {"a": {"c": True}}]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def test_lines_become_rows(files: LocalFiles) -> None:
    made = convert(files, "json.JsonToIon", '{"a": 1, "b": [1.5, null, "é"]}\n\n{"a": {"c": true}}')
    assert made.rows == ROWS
    assert made.ran.result.outputs == {"uri": made.uri, "size": 2}


def test_a_broken_line_is_named(files: LocalFiles) -> None:
    assert convert(files, "json.JsonToIon", '{"a": 1}\n{"a": }\n').error.startswith("Line 2: this is no JSON: ")
    assert "`newLine: false`" in convert(files, "json.JsonToIon", '[\n{"a": 1}\n]').error


@pytest.mark.parametrize("indent", [None, 2])
def test_elements_of_an_array_become_rows(files: LocalFiles, indent: int | None) -> None:
    assert convert(files, "json.JsonToIon", json.dumps(ROWS, indent=indent), new_line=False).rows == ROWS


def test_an_array_is_read_in_pieces_however_they_fall(files: LocalFiles) -> None:
    rows = [{"n": n, "text": "x" * (n % 97), "é": 12345.678} for n in range(5000)]
    assert convert(files, "json.JsonToIon", json.dumps(rows), new_line=False).rows == rows


def test_an_element_may_be_larger_than_a_piece(files: LocalFiles) -> None:
    rows = ["x" * 300_000, 12, {"a": list(range(50_000))}]
    assert convert(files, "json.JsonToIon", json.dumps(rows), new_line=False).rows == rows


def test_values_one_after_the_other_are_rows_too(files: LocalFiles) -> None:
    assert convert(files, "json.JsonToIon", '{"a": 1} 12\n"x"', new_line=False).rows == [{"a": 1}, 12, "x"]
    assert convert(files, "json.JsonToIon", "[ ]", new_line=False).rows == []


@pytest.mark.parametrize("text", ['[\n{"a": 1}\n{"b": 2}]', '[\n{"a": 1},\n{"b" 2}]', '[\n{"a": 1},\n', "\n\n["])
def test_a_broken_array_names_its_line(files: LocalFiles, text: str) -> None:
    assert convert(files, "json.JsonToIon", text, new_line=False).error.startswith("Line 3: this is no JSON: ")


def test_other_charsets(files: LocalFiles) -> None:
    given = '[{"a": "é"}]'.encode("utf-16")
    assert convert(files, "json.JsonToIon", given, new_line=False, charset="UTF-16").rows == [{"a": "é"}]
    assert convert(files, "json.JsonToIon", given, new_line=False).error.startswith("This is not UTF-8: ")
    made = convert(files, "json.IonToJson", [{"a": "é"}, {"a": 2}], charset="UTF-16", new_line=False)
    assert content(files, made.uri).decode("utf-16") == '[{"a":"é"},{"a":2}]'


TYPED: list[object] = [
    {"at": datetime(2026, 1, 2, 3, tzinfo=UTC), "day": date(2026, 1, 2), "price": Decimal("12.50"), "raw": b"hi"}
]


def test_rows_become_lines(files: LocalFiles) -> None:
    made = convert(files, "json.IonToJson", [*TYPED, {"n": None, "x": float("nan"), "big": 10**30}])
    assert made.text == (
        '{"at":"2026-01-02T03:00:00Z","day":"2026-01-02","price":12.50,"raw":"aGk="}\n'
        f'{{"n":null,"x":null,"big":{10**30}}}\n'
    )
    assert made.uri.endswith(".jsonl")


def test_instants_may_be_written_in_a_zone(files: LocalFiles) -> None:
    made = convert(files, "json.IonToJson", [{"at": [TYPED[0]["at"]]}], time_zone_id="Europe/Paris")
    assert made.text == '{"at":["2026-01-02T04:00:00+01:00"]}\n'


def test_rows_become_an_array(files: LocalFiles) -> None:
    made = convert(files, "json.IonToJson", ROWS, new_line=False)
    assert json.loads(made.text) == ROWS
    assert made.uri.endswith(".json")
    assert convert(files, "json.IonToJson", [], new_line=False).text == "[]"


def test_annotations_are_not_kept_in_silence(files: LocalFiles) -> None:
    assert convert(files, "json.IonToJson", ROWS, should_keep_annotations=True).error.startswith(
        "shouldKeepAnnotations"
    )


def test_an_array_becomes_lines_without_ion_between(files: LocalFiles) -> None:
    assert convert(files, "json.JsonToJsonl", '[{"a": 1}, [2]]').text == '{"a":1}\n[2]\n'
