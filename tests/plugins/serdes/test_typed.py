"""Avro, Parquet and their schemas: inferred or given, values converted, bad rows told."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from kapell.errors import MissingExtra
from kapell.sdk.vendor import vendor
from plugins.serdes.conversion import Made, at, convert
from tables import content

pytest.importorskip("fastavro", reason="needs kapell[avro]")
pytest.importorskip("pyarrow", reason="needs kapell[parquet]")

ROWS: list[object] = [
    {
        "id": 1,
        "name": "Ada",
        "price": Decimal("12.50"),
        "ratio": 0.5,
        "sold": True,
        "day": date(2026, 1, 2),
        "at": datetime(2026, 1, 2, 3, 4, 5, 678901, UTC),
        "local": datetime(2026, 1, 2, 3),
        "raw": b"\x00\xff",
        "tags": ["a", None],
        "in": {"x": 1, "y": {"z": "deep"}},
        "none": None,
    },
    {"id": None, "name": None, "tags": [], "in": None, "price": Decimal("1.125"), "ratio": 2.0},
]
WRITERS = [("avro.IonToAvro", "avro.AvroToIon"), ("parquet.IonToParquet", "parquet.ParquetToIon")]
both = pytest.mark.parametrize(("writer", "reader"), WRITERS)


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def schema(**fields: object) -> str:
    named = [{"name": name, "type": kind} for name, kind in fields.items()]
    return json.dumps({"type": "record", "name": "Row", "fields": named})


def through(files: LocalFiles, writer: str, reader: str, rows: list[object], **properties: object) -> list[object]:
    made = convert(files, writer, rows, **properties)
    assert made.ran.result.outputs is not None, made.error
    return at(files, reader, made.uri).rows


@both
def test_rows_come_back_with_the_types_that_were_inferred(files: LocalFiles, writer: str, reader: str) -> None:
    first, second = through(files, writer, reader, ROWS)
    assert first == {**ROWS[0], "price": Decimal("12.500")}
    assert second == {**dict.fromkeys(ROWS[0]), **ROWS[1]}


@both
def test_names_that_avro_allows_not_are_columns_all_the_same(files: LocalFiles, writer: str, reader: str) -> None:
    rows = through(files, writer, reader, [{"unit price": 1, "unit_price": 2, "in": {"a b": [{"c d": 3}]}}])
    if writer.startswith("parquet"):
        assert rows == [{"unit price": 1, "unit_price": 2, "in": {"a b": [{"c d": 3}]}}]
    else:
        assert rows == [{"unit_price": 1, "unit_price_": 2, "in": {"a_b": [{"c_d": 3}]}}]


GIVEN = schema(
    id="long",
    price=["null", {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}],
    ratio="double",
    sold="boolean",
    day={"type": "int", "logicalType": "date"},
    clock={"type": "int", "logicalType": "time-millis"},
    at={"type": "long", "logicalType": "timestamp-millis"},
    local={"type": "long", "logicalType": "local-timestamp-micros"},
    color={"type": "enum", "name": "Color", "symbols": ["RED", "BLUE"]},
    code={"type": "fixed", "name": "Code", "size": 2},
    counts={"type": "map", "values": "long"},
    note=["null", "string"],
)
TEXTS: list[object] = [
    {
        "id": "7",
        "price": "12,5",
        "ratio": "0,25",
        "sold": "Yes",
        "day": "02.01.2026",
        "clock": "10:20",
        "at": "2026-01-02T03:04",
        "local": "2026-01-02T03:04:05",
        "color": "BLUE",
        "code": "ab",
        "counts": {"a": "1"},
        "note": "n/a",
        "extra": "left out",
    }
]


@both
def test_texts_become_what_the_schema_says(files: LocalFiles, writer: str, reader: str) -> None:
    given = {"schema": GIVEN, "decimal_separator": ",", "date_format": "dd.MM.yyyy", "time_zone_id": "Europe/Paris"}
    row = through(files, writer, reader, TEXTS, **given)[0]
    assert {**row, "counts": dict(row["counts"])} == {
        "id": 7,
        "price": Decimal("12.50"),
        "ratio": 0.25,
        "sold": True,
        "day": date(2026, 1, 2),
        "clock": time(10, 20).isoformat(),
        "at": datetime(2026, 1, 2, 2, 4, tzinfo=UTC),
        "local": datetime(2026, 1, 2, 3, 4, 5),
        "color": "BLUE",
        "code": b"ab",
        "counts": {"a": 1},
        "note": None,
    }


@both
def test_a_row_that_does_not_fit_is_named(files: LocalFiles, writer: str, reader: str) -> None:
    rows: list[object] = [{"id": 1}, {"id": "x"}, {"id": 3}]
    assert convert(files, writer, rows, schema=schema(id="long")).error.startswith("Row 2: `id`: ")
    made = convert(files, writer, rows, schema=schema(id="long"), on_bad_lines="WARN")
    assert at(files, reader, made.uri).rows == [{"id": 1}, {"id": 3}]
    assert len(made.warnings) == 1


@both
def test_an_inferred_schema_that_is_too_narrow_says_what_to_do(files: LocalFiles, writer: str, reader: str) -> None:
    rows: list[object] = [*({"n": n} for n in range(100)), {"n": 1.5}]
    assert "scan more rows" in convert(files, writer, rows).error
    assert through(files, writer, reader, rows, number_of_rows_to_scan=101)[-1] == {"n": 1.5}


@both
def test_unknown_columns_fail_where_the_schema_is_strict(files: LocalFiles, writer: str, reader: str) -> None:
    made = convert(files, writer, [{"a": 1, "b": 2}], schema=schema(a="long"), strict_schema=True)
    assert made.error == "Row 1: `b` is not in the schema"


@both
def test_texts_may_be_inferred_as_booleans_and_nulls(files: LocalFiles, writer: str, reader: str) -> None:
    rows: list[object] = [{"a": "yes", "b": "NA"}, {"a": "off", "b": "x"}]
    assert through(files, writer, reader, rows) == rows
    inferred = through(files, writer, reader, rows, infer_all_fields=True)
    assert inferred == [{"a": True, "b": None}, {"a": False, "b": "x"}]


@both
def test_lists_go_by_their_places(files: LocalFiles, writer: str, reader: str) -> None:
    rows = through(files, writer, reader, [["1", "x"]], schema=schema(a="long", b="string"))
    assert rows == [{"a": 1, "b": "x"}]


@both
@pytest.mark.parametrize(
    "text", ["{", "[]", '{"type": "record", "name": "R", "fields": [{"name": "a", "type": "no"}]}']
)
def test_a_schema_that_is_none_is_refused(files: LocalFiles, writer: str, reader: str, text: str) -> None:
    assert convert(files, writer, [{"a": 1}], schema=text).error.startswith("The schema ")


@both
def test_what_is_no_file_of_the_format_is_refused(files: LocalFiles, writer: str, reader: str) -> None:
    assert convert(files, reader, "hello").error.startswith("This is no ")


@both
def test_an_empty_table_is_a_file_too(files: LocalFiles, writer: str, reader: str) -> None:
    assert through(files, writer, reader, []) == []


@pytest.mark.parametrize("codec", ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD"])
def test_parquet_is_compressed_and_written_in_groups(files: LocalFiles, codec: str) -> None:
    from io import BytesIO

    from pyarrow.parquet import ParquetFile

    rows: list[object] = [{"n": n, "text": "same"} for n in range(20_000)]
    made = convert(
        files, "parquet.IonToParquet", rows, compression_codec=codec, row_group_size=100_000, parquet_version="V1"
    )
    file = ParquetFile(BytesIO(content(files, made.uri)))
    assert file.metadata.row_group(0).column(0).compression == codec
    assert file.metadata.num_row_groups > 1
    assert at(files, "parquet.ParquetToIon", made.uri).rows == rows


def test_a_schema_is_inferred_into_a_file(files: LocalFiles) -> None:
    made: Made = convert(files, "avro.InferAvroSchemaFromIon", [{"a": 1}, {"a": 2.5, "b": "x"}, {"a": None}])
    assert json.loads(made.text) == {
        "type": "record",
        "name": "root",
        "fields": [
            {"name": "a", "type": ["null", "double"], "default": None},
            {"name": "b", "type": ["null", "string"], "default": None},
        ],
    }


def test_rows_before_a_broken_one_may_be_kept(files: LocalFiles) -> None:
    rows: list[object] = [{"text": "x" * 100, "n": n} for n in range(1000)]
    made = convert(files, "avro.IonToAvro", rows)
    broken = content(files, made.uri)[:-500]
    assert "Failed to read Avro record" in convert(files, "avro.AvroToIon", broken).error
    kept = convert(files, "avro.AvroToIon", broken, on_bad_lines="WARN")
    assert 0 < len(kept.rows) < 1000
    assert kept.rows == rows[: len(kept.rows)]
    assert len(kept.warnings) == 1


def test_a_missing_library_names_what_to_install() -> None:
    def load() -> None:
        with vendor("io.kestra.plugin.serdes.avro.IonToAvro", "avro"):
            import_module("no_such_library")

    with pytest.raises(MissingExtra, match=r"IonToAvro needs no_such_library: pip install 'kapell\[avro\]'"):
        load()
