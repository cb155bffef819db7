"""What DuckDB alone does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from kapell.services.context import TaskContext
from plugins.jdbc.databases import outputs, run
from tables import content, put, put_rows, rows, text

pytest.importorskip("duckdb", reason="needs kapell[duckdb]")


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def test_files_go_in_and_come_out(files: LocalFiles) -> None:
    ran = run(
        files,
        "duckdb.Queries",
        input_files={"in.csv": put(files, "id,name\n1,Ada\n2,Zoë\n"), "more.csv": "id\n7\n"},
        output_files=["out.csv", "out.parquet"],
        sql=(
            "CREATE TABLE t AS SELECT * FROM read_csv_auto('in.csv', header=True);"
            "COPY t TO '{{ outputFiles['out.csv'] }}' (HEADER, DELIMITER ';');"
            "COPY t TO '{{ workingDir }}/out.parquet' (FORMAT parquet);"
            "SELECT count(*) AS n FROM t; SELECT id FROM 'more.csv'"
        ),
        fetch_type="FETCH_ONE",
    )
    found = outputs(ran)
    assert found["outputs"] == [{"row": {"n": 2}, "size": 1}, {"row": {"id": 7}, "size": 1}]
    assert text(files, found["outputFiles"]["out.csv"]) == "id;name\n1;Ada\n2;Zoë\n"
    assert content(files, found["outputFiles"]["out.parquet"]).startswith(b"PAR1")


def test_an_output_file_that_was_not_written_is_named(files: LocalFiles) -> None:
    assert run(files, "duckdb.Query", sql="SELECT 1", output_files=["x"]).result.error == (
        "The SQL has not written the output file `x`"
    )


def test_a_database_is_handed_on_from_task_to_task(files: LocalFiles) -> None:
    made = run(files, "duckdb.Query", sql="CREATE TABLE t AS SELECT 42 AS a", output_db_file=True)
    address = outputs(made)["databaseUri"]
    found = run(files, "duckdb.Query", database_uri=address, sql="SELECT a FROM t", fetch_one=True)
    assert outputs(found)["row"] == {"a": 42}


TYPES = (
    "SELECT 1.50::DECIMAL(10, 2) AS n, DATE '2026-01-02' AS d, TIMESTAMP '2026-01-02 03:04:05' AS local, "
    "TIMESTAMPTZ '2026-01-02 03:00:00+00' AS at, [1, NULL] AS l, {'x': [DATE '2026-01-02']} AS s, "
    "MAP {'k': 1} AS m, '\\x00'::BLOB AS b, NULL AS nothing, TIME '10:20' AS t, 170141183460469231731::HUGEINT AS h, "
    "uuid '00000000-0000-0000-0000-000000000001' AS u, 1.5::DOUBLE AS f, true AS yes"
)
VALUES = {
    "n": Decimal("1.50"),
    "d": date(2026, 1, 2),
    "local": datetime(2026, 1, 2, 3, 4, 5),
    "at": datetime(2026, 1, 2, 3, tzinfo=UTC),
    "l": [1, None],
    "s": {"x": [date(2026, 1, 2)]},
    "m": {"k": 1},
    "b": b"\x00",
    "nothing": None,
    "t": "10:20:00",
    "h": 170141183460469231731,
    "u": "00000000-0000-0000-0000-000000000001",
    "f": 1.5,
    "yes": True,
}


def test_values_are_stored_with_their_types(files: LocalFiles) -> None:
    assert rows(files, outputs(run(files, "duckdb.Query", sql=TYPES, store=True))["uri"]) == [VALUES]


def test_values_are_outputs_as_json_has_them(files: LocalFiles) -> None:
    row = outputs(run(files, "duckdb.Query", sql=TYPES, fetch_one=True))["row"]
    assert row == {
        **VALUES,
        "n": 1.5,
        "d": "2026-01-02",
        "local": "2026-01-02T03:04:05",
        "at": "2026-01-02T03:00:00Z",
        "s": {"x": ["2026-01-02"]},
        "b": "AA==",
    }


def test_a_decimal_that_no_double_holds_is_text_in_outputs(files: LocalFiles) -> None:
    sql = "SELECT 12345678901234567890.123::DECIMAL(38, 3) AS n, 5::DECIMAL(5, 0) AS whole"
    row = outputs(run(files, "duckdb.Query", sql=sql, fetch_one=True))["row"]
    assert row == {"n": "12345678901234567890.123", "whole": 5}


def test_instants_are_in_the_zone_asked_for(files: LocalFiles) -> None:
    row = outputs(run(files, "duckdb.Query", sql=TYPES, fetch_one=True, time_zone_id="Europe/Paris"))["row"]
    assert (row["at"], row["local"]) == ("2026-01-02T04:00:00+01:00", "2026-01-02T03:04:05+01:00")
    assert run(files, "duckdb.Query", sql="SELECT 1", time_zone_id="Nowhere").result.error is not None


def test_nothing_of_the_database_is_left_in_the_working_folder(files: LocalFiles) -> None:
    left: list[str] = []

    def prepare(ctx: TaskContext) -> None:
        ctx.close = lambda: left.extend(path.name for path in ctx.working_dir.iterdir())

    sql = "CREATE TABLE t AS SELECT 1 AS a; COPY t TO '{{ workingDir }}/mine.csv'"
    outputs(run(files, "duckdb.Queries", sql=sql, output_db_file=True, prepare=prepare))
    assert left == ["mine.csv"]


def test_an_extension_that_can_t_be_had_is_a_warning(files: LocalFiles) -> None:
    ran = run(files, "duckdb.Query", sql="SELECT 1 AS a", fetch_one=True, community_extensions=["no such; name"])
    assert outputs(ran)["row"] == {"a": 1}
    assert [level for level, _ in ran.said] == ["WARN"]


@pytest.mark.parametrize("install", ["INSTALL json", "install 'json'", "-- of old\nINSTALL JSON"])
def test_an_extension_that_is_built_in_is_installed_without_a_network(files: LocalFiles, install: str) -> None:
    refused = "SET custom_extension_repository = 'http://127.0.0.1:1/'; "
    ran = run(files, "duckdb.Query", sql=f"{refused}{install}; LOAD json; SELECT 1 AS a", fetch_type="FETCH_ONE")
    assert outputs(ran)["row"] == {"a": 1}
    other = run(files, "duckdb.Query", sql=f"{refused}INSTALL httpfs")
    assert "Failed to download extension" in str(other.result.error)


AT = datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "values",
    [
        ["a", None, "b"],
        [1, 2.5, 2**60 + 1],
        [Decimal("1.50"), Decimal("2.25")],
        [Decimal("1.5"), Decimal("2")],
        [{"a": 1}, {"b": 2}],
        [[1], ["x"]],
        [AT, AT.replace(tzinfo=None)],
        [True, "x", None],
        [None, None],
    ],
)
def test_rows_that_are_inserted_at_once_are_the_same_as_one_by_one(
    files: LocalFiles, tmp_path: Path, values: list[object]
) -> None:
    url = f"jdbc:duckdb:{tmp_path}/d"
    outputs(run(files, "duckdb.Query", url=url, sql="CREATE TABLE t (n INT, v VARCHAR)"))
    source = put_rows(files, [{"n": 1, "v": value} for value in values])
    for chunk in (1, 100):
        outputs(run(files, "duckdb.Batch", url=url, table="t", source=source, chunk=chunk))
    found = outputs(run(files, "duckdb.Query", url=url, sql="SELECT v FROM t", fetch=True))["rows"]
    assert found[: len(values)] == found[len(values) :]


def test_a_path_must_be_absolute(files: LocalFiles) -> None:
    error = run(files, "duckdb.Query", url="jdbc:duckdb:x.db", sql="SELECT 1").result.error
    assert error == "The database file path is not valid (Path to database file must be absolute)"
