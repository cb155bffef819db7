"""Excel both ways."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from attempts import attempt
from kapell.adapters.files.local import LocalFiles
from plugins.serdes.conversion import SERDES, at, convert
from tables import content, put, put_rows, rows

openpyxl = pytest.importorskip("openpyxl", reason="needs kapell[excel]")

ROWS: list[object] = [
    {"id": 1, "name": "Ada", "price": 12.5, "sold": True, "day": date(2026, 1, 2), "clock": "10:20"},
    {"id": 2, "name": None, "price": 3, "sold": False, "day": datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "clock": None},
]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def read(files: LocalFiles, address: str, **properties: object) -> dict[str, list[object]]:
    ran = attempt(f"{SERDES}excel.ExcelToIon", {"source": address, **properties}, files=files)
    assert ran.result.outputs is not None, ran.result.error
    return {title: rows(files, uri) for title, uri in ran.result.outputs["uris"].items()}


def book(files: LocalFiles, **sheets: list[list[object]]) -> str:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, lines in sheets.items():
        sheet = made.create_sheet(title)
        for line in lines:
            sheet.append(line)
    data = io.BytesIO()
    made.save(data)
    return put(files, data.getvalue())


def test_rows_come_back_from_a_sheet(files: LocalFiles) -> None:
    made = convert(files, "excel.IonToExcel", ROWS, sheets_title="People")
    second = {**ROWS[1], "day": datetime(2026, 1, 2, 3, 4)}
    assert read(files, made.uri) == {"People": [ROWS[0], second]}
    assert made.ran.result.outputs == {"uri": made.uri, "size": 2}


def test_several_tables_are_sheets(files: LocalFiles) -> None:
    source = {"One": put_rows(files, [[1, "x"]], "one"), "Two": put_rows(files, [[2]], "two")}
    made = at(files, "excel.IonToExcel", source, header=False)
    assert read(files, made.uri, header=False) == {"One": [[1, "x"]], "Two": [[2]]}
    assert read(files, made.uri, header=False, sheets_title=["Two"]) == {"Two": [[2]]}


def test_only_a_marked_text_is_a_formula(files: LocalFiles) -> None:
    made = convert(files, "excel.IonToExcel", [["Formula:SUM(1,2)", "=CMD()"]], header=False)
    line = next(iter(openpyxl.load_workbook(io.BytesIO(content(files, made.uri))).active.iter_rows()))
    assert [(cell.data_type, cell.value) for cell in line] == [("f", "=SUM(1,2)"), ("s", "=CMD()")]
    assert read(files, made.uri, header=False, value_render="FORMULA") == {"Sheet": [["=SUM(1,2)", "=CMD()"]]}


def test_numbers_that_excel_would_round_are_texts(files: LocalFiles) -> None:
    made = convert(files, "excel.IonToExcel", [[10**20, Decimal("1.5"), [1]]], header=False)
    assert read(files, made.uri, header=False) == {"Sheet": [["1" + "0" * 20, 1.5, "[1]"]]}


def test_dates_have_a_zone_and_formats(files: LocalFiles) -> None:
    given = [[datetime(2026, 1, 2, 23, 30, tzinfo=UTC), date(2026, 1, 2)]]
    made = convert(
        files, "excel.IonToExcel", given, header=False, time_zone_id="Europe/Paris", date_format="dd.MM.yyyy"
    )
    line = next(iter(openpyxl.load_workbook(io.BytesIO(content(files, made.uri))).active.iter_rows()))
    assert line[0].value == datetime(2026, 1, 3, 0, 30)
    assert [cell.number_format for cell in line] == ["yyyy-mm-dd hh:mm:ss", "dd.mm.yyyy"]


def test_dates_and_values_may_be_taken_otherwise(files: LocalFiles) -> None:
    address = book(files, S=[[datetime(2026, 1, 2), time(12), True, 1.5]])
    assert read(files, address, header=False, date_time_render="SERIAL_NUMBER")["S"] == [[46024.0, 0.5, True, 1.5]]
    assert read(files, address, header=False, value_render="FORMATTED_VALUE")["S"] == [
        ["2026-01-02", "12:00:00", "true", "1.5"]
    ]


def test_titles_empty_rows_and_columns_without_a_name(files: LocalFiles) -> None:
    address = book(files, S=[["A title"], ["a", None, "b", None], [1, 2, 3, 4], [None], [5]])
    assert read(files, address, skip_rows=1, skip_empty_rows=True)["S"] == [
        {"a": 1, "col_1": 2, "b": 3},
        {"a": 5, "col_1": None, "b": None},
    ]


def test_what_is_not_there_is_told(files: LocalFiles) -> None:
    assert convert(files, "excel.ExcelToIon", "hello").error.startswith("This is no Excel file")
    error = at(files, "excel.ExcelToIon", book(files, S=[[1]]), sheets_title=["T"]).error
    assert error == "There is no sheet `T`; there are: S"
    assert "Row 1 has a character" in convert(files, "excel.IonToExcel", [["a\x01"]], header=False).error
