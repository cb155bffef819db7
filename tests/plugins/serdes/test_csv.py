"""CSV both ways: what is quoted, what is bad and how that is told, encodings, dates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from plugins.serdes.conversion import Made, at, convert
from tables import content


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def read(files: LocalFiles, text: str | bytes, **properties: object) -> Made:
    return convert(files, "csv.CsvToIon", text, **properties)


def write(files: LocalFiles, rows: list[object], **properties: object) -> Made:
    return convert(files, "csv.IonToCsv", rows, **properties)


def test_rows_are_maps_by_the_header(files: LocalFiles) -> None:
    made = read(files, 'id,name\n1,"Ada, ""the first"""\n2,"two\nlines"\n3,\\N\n')
    assert made.rows == [
        {"id": "1", "name": 'Ada, "the first"'},
        {"id": "2", "name": "two\nlines"},
        {"id": "3", "name": None},
    ]
    assert made.ran.result.outputs == {"uri": made.uri, "size": 3}
    assert [(metric.name, metric.value) for metric in made.ran.metrics] == [("records", 3)]


def test_rows_are_lists_without_a_header(files: LocalFiles) -> None:
    assert read(files, "1;x\n2;\\N\n", header=False, field_separator=";").rows == [["1", "x"], ["2", None]]


def test_the_alias_of_old_is_the_same(files: LocalFiles) -> None:
    assert convert(files, "csv.CsvReader", "a\n1\n").rows == [{"a": "1"}]


def test_a_bad_row_is_named_by_the_line_it_begins_in(files: LocalFiles) -> None:
    error = read(files, 'a,b\n"x\ny",1\n1,2,3\n').error
    assert error == "Line 4: Bad line encountered (field count mismatch): Expected 2, got 3 fields."


@pytest.mark.parametrize(("behavior", "told"), [("WARN", 2), ("SKIP", 0)])
def test_bad_rows_may_be_left_out(files: LocalFiles, behavior: str, told: int) -> None:
    made = read(files, 'a,b\n1\n2,"x"y\n3,4\n', on_bad_lines=behavior)
    assert made.rows == [{"a": "3", "b": "4"}]
    assert len(made.warnings) == told


def test_wrong_quotes_name_their_line(files: LocalFiles) -> None:
    assert read(files, 'a,b\n1,2\n3,"x"y\n').error.startswith("Line 3: ")
    assert read(files, 'a,b\n1,2\n3,"open\n').error.startswith("Line 3: ")


def test_characters_behind_a_quote_may_be_allowed(files: LocalFiles) -> None:
    assert read(files, 'a\n"x"y\n', allow_extra_chars_after_closing_quote=True).rows == [{"a": "xy"}]


def test_rows_of_any_length_may_be_taken(files: LocalFiles) -> None:
    made = read(files, "a,b\n1\n1,2,3\n", error_on_different_field_count=False)
    assert made.rows == [{"a": "1", "b": None}, {"a": "1", "b": "2"}]


def test_empty_rows_and_first_rows_may_be_skipped(files: LocalFiles) -> None:
    assert read(files, "a\n1\n\n2\n\n3\n", skip_empty_rows=True, skip_rows=1).rows == [{"a": "2"}, {"a": "3"}]
    assert read(files, "a\n1\n\n2\n").rows == [{"a": "1"}, {"a": ""}, {"a": "2"}]


def test_columns_without_a_name_are_dropped_at_the_end_or_named(files: LocalFiles) -> None:
    assert read(files, "a,b,\n1,2,\n").rows == [{"a": "1", "b": "2"}]
    assert read(files, "a,,\n1,2,3\n", on_empty_header="RENAME").rows == [{"a": "1", "col_1": "2", "col_2": "3"}]


def test_any_charset_is_read_and_a_byte_order_mark_is_no_text(files: LocalFiles) -> None:
    assert read(files, "name\nZoë\n".encode("windows-1252"), charset="windows-1252").rows == [{"name": "Zoë"}]
    assert read(files, "name\nZoë\n".encode("utf-16"), charset="UTF-16").rows == [{"name": "Zoë"}]
    assert read(files, "name\nZoë\n".encode("utf-8-sig")).rows == [{"name": "Zoë"}]


def test_bytes_that_are_no_text_are_named_by_their_line(files: LocalFiles) -> None:
    error = read(files, b"name\n" + b"ok\n" * 5000 + b"Zo\xeb\nx\n").error
    assert error == "Line 5002: this is not UTF-8: invalid continuation byte"
    assert read(files, "name\n", charset="UTF-16").error.startswith("Line 1: this is not UTF-16: ")


def test_an_unknown_charset_and_a_separator_of_two_are_refused(files: LocalFiles) -> None:
    assert read(files, "a\n", charset="EBCDIC-X").error == "There is no charset `EBCDIC-X`"
    assert read(files, "a\n", field_separator="||").error.startswith("fieldSeparator or textDelimiter: ")


def test_a_field_may_be_too_large(files: LocalFiles) -> None:
    assert read(files, f"a\n{'x' * 200}\n", max_field_size=100).error.startswith("Line 2: field larger")
    assert read(files, f"a\n{'x' * 200_000}\n").rows == [{"a": "x" * 200_000}]


ROWS: list[object] = [
    {"id": 1, "name": "Ada, Countess", "price": Decimal("12.50"), "at": datetime(2026, 1, 2, 3, tzinfo=UTC)},
    {"id": 2, "name": None, "price": 1.5, "at": date(2026, 1, 2)},
    {"id": 3, "price": True, "at": [1, {"a": None}]},
]


def test_values_are_written_in_the_columns_of_the_first_row(files: LocalFiles) -> None:
    assert write(files, ROWS).text == (
        "id,name,price,at\n"
        '1,"Ada, Countess",12.50,2026-01-02T03:00:00.000Z\n'
        "2,,1.5,2026-01-02\n"
        '3,,true,"[1,{""a"":null}]"\n'
    )


def test_dates_have_formats_and_a_zone(files: LocalFiles) -> None:
    made = write(files, ROWS[:1], date_time_format="dd.MM.yyyy HH:mm XXX", time_zone_id="Europe/Paris", header=False)
    assert made.text == '1,"Ada, Countess",12.50,02.01.2026 04:00 +01:00\n'


@pytest.mark.parametrize(
    ("mode", "line"), [("ALWAYS", '"1","x","-2.5",""'), ("REQUIRED", "1,x,-2.5,"), ("NON_NUMERIC", '1,"x",-2.5,""')]
)
def test_quotes_go_by_the_mode(files: LocalFiles, mode: str, line: str) -> None:
    made = write(
        files, [{"a": 1, "b": "x", "c": "-2.5", "d": ""}], header=False, quote_mode=mode, line_delimiter="\r\n"
    )
    assert content(files, made.uri) == f"{line}\r\n".encode()


def test_a_column_that_the_first_row_has_not_fails(files: LocalFiles) -> None:
    assert write(files, [{"a": 1}, {"a": 2, "b": 3}]).error == "Row 2 has `b`, which is no column of the first row"


def test_lists_have_no_header(files: LocalFiles) -> None:
    assert "set `header: false`" in write(files, [[1, 2]]).error
    assert write(files, [[1, 2]], header=False).text == "1,2\n"


def test_a_character_that_the_charset_has_not_is_named(files: LocalFiles) -> None:
    assert write(files, [{"a": "€"}], charset="ISO-8859-1").error == "`€` can't be written in ISO-8859-1"
    assert content(files, write(files, [{"a": "é"}], charset="ISO-8859-1").uri) == b"a\n\xe9\n"


def test_what_was_read_is_written_the_same(files: LocalFiles) -> None:
    text = 'a,b\n1,"x, ""y"""\n,"two\nlines"\n'
    assert at(files, "csv.IonToCsv", read(files, text).uri).text == text


def test_lines_of_json_are_a_table_too(files: LocalFiles) -> None:
    assert convert(files, "csv.IonToCsv", '{"a":1,"b":"x"}\n{"b":"y","a":2}\n').text == "a,b\n1,x\n2,y\n"
