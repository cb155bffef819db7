"""Types whose vendor's library is not installed say what to install; none is needed to know the type."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from attempts import attempt
from kapell.adapters.files.local import LocalFiles
from kapell.sdk.registry import find
from tables import put, put_rows

NEEDS = [
    ("serdes.parquet.IonToParquet", "pyarrow", "parquet", {}),
    ("serdes.parquet.ParquetToIon", "pyarrow", "parquet", {}),
    ("serdes.avro.IonToAvro", "fastavro", "avro", {}),
    ("serdes.avro.AvroToIon", "fastavro", "avro", {}),
    ("serdes.excel.IonToExcel", "openpyxl", "excel", {}),
    ("serdes.excel.ExcelToIon", "openpyxl", "excel", {}),
    ("jdbc.duckdb.Query", "duckdb", "duckdb", {"sql": "SELECT 1"}),
    ("jdbc.postgresql.Query", "psycopg", "postgres", {"sql": "SELECT 1", "url": "jdbc:postgresql://localhost:1/x"}),
    ("compress.FileCompress", "cramjam", "compress", {"compression": "ZSTD"}),
    ("compress.FileDecompress", "cramjam", "compress", {"compression": "ZSTD"}),
]


@pytest.mark.parametrize(("type", "library", "extra", "properties"), NEEDS)
def test_a_missing_library_is_named_with_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type: str, library: str, extra: str, properties: dict[str, object]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    files = LocalFiles(tmp_path)
    name = f"io.kestra.plugin.{type}"
    assert find(name)
    error = attempt(name, {"source": put_rows(files, [{"a": 1}]), **properties}, files=files).result.error or ""
    assert f"needs {library}: pip install 'kapell[{extra}]'" in error


def test_a_table_goes_through_in_pieces(tmp_path: Path) -> None:
    import tracemalloc

    files = LocalFiles(tmp_path)
    text = "id,text\n" + "".join(f"{n},{'x' * 500}\n" for n in range(20_000))
    address = put(files, text)
    assert len(text) > 9_000_000
    del text
    tracemalloc.start()
    try:
        for type in ("csv.CsvToIon", "csv.IonToCsv", "csv.CsvToIon", "json.IonToJson", "json.JsonToIon"):
            ran = attempt(f"io.kestra.plugin.serdes.{type}", {"source": address}, files=files)
            address = str((ran.result.outputs or {})["uri"])
        assert tracemalloc.get_traced_memory()[1] < 6_000_000
    finally:
        tracemalloc.stop()
