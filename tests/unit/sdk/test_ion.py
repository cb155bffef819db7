"""Tables as Ion text: what is written comes back, JSON is read fast and Ion is read at all."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from kapell.errors import KapellError
from kapell.sdk.ion import ion_line, ion_rows

ROWS = [
    {"text": 'a "quoted"\n\x01 é 𝄞', "number": 10**30, "yes": True, "nothing": None},
    {"float": 1.5, "large": 1e300, "decimal": Decimal("12.50"), "small": Decimal("1E-30")},
    {"at": datetime(2026, 1, 2, 3, 4, 5, 678900, UTC), "local": datetime(2026, 1, 2), "day": date(2026, 1, 2)},
    {"elsewhere": datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))},
    {"bytes": b"\x00\xff", "list": [1, [2.0, {"in": None}]], "map": {"with space": {}}},
    [1, "two", None],
    {},
]


def read(text: str | bytes) -> list[object]:
    return list(ion_rows(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def test_rows_come_back_with_their_types() -> None:
    assert read(b"".join(map(ion_line, ROWS))) == ROWS


def test_a_row_of_plain_values_is_a_line_of_json() -> None:
    line = ion_line(ROWS[0])
    assert line.endswith(b"}\n")
    assert json.loads(line) == ROWS[0]


def test_values_that_ion_has_no_type_for_become_text() -> None:
    assert read(ion_line({"time": time(1, 2), "span": timedelta(hours=1), "none": Decimal("NaN")})) == [
        {"time": "01:02:00", "span": "PT1H", "none": None}
    ]


def test_a_whole_decimal_is_an_integer() -> None:
    assert read(ion_line({"n": Decimal(5)})) == [{"n": 5}]


def test_any_ion_is_read_after_any_json() -> None:
    text = '{"a":1}\n\n{"a":1.5}\n{a:2.50,when:2026-01-02T,x:note::"y",gone:null.int}\n"text" [1,\n 2]\n'
    assert read(text) == [
        {"a": 1},
        {"a": Decimal("1.5")},
        {"a": Decimal("2.50"), "when": date(2026, 1, 2), "x": "y", "gone": None},
        "text",
        [1, 2],
    ]


def test_binary_ion_is_read() -> None:
    from kapell.sdk.rows import row_bytes

    assert read(row_bytes({"a": 1}) + row_bytes({"b": "x"})) == [{"a": 1}, {"b": "x"}]


def test_an_empty_file_has_no_rows() -> None:
    assert read("") == []


@pytest.mark.parametrize("text", ['{"a":1}\n{"a":2}\n{a:', "{\"a\":1}\n{'b':2}\n}"])
def test_what_is_neither_ion_nor_json_is_named_by_its_row(text: str) -> None:
    with pytest.raises(KapellError, match="Row 3 is neither Ion nor JSON"):
        read(text)
