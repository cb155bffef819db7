"""What SQLite alone does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import apsw
import pytest

from attempts import attempt
from kapell.adapters.files.local import LocalFiles
from kapell.model.log import LogLine
from plugins.jdbc.databases import outputs, run
from tables import put_rows, rows


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def test_a_database_is_handed_on_from_task_to_task(files: LocalFiles) -> None:
    made = run(files, "sqlite.Queries", sql="CREATE TABLE t (a); INSERT INTO t VALUES (1)", output_db_file=True)
    first = outputs(made)["databaseUri"]
    changed = run(files, "sqlite.Query", sqlite_file=first, sql="UPDATE t SET a = 2", output_db_file=True)
    second = outputs(changed)["databaseUri"]
    for address, value in ((first, 1), (second, 2)):
        found = run(files, "sqlite.Query", sqlite_file=address, sql="SELECT a FROM t", fetch_one=True)
        assert outputs(found)["row"] == {"a": value}


def test_a_trigger_is_one_statement(files: LocalFiles) -> None:
    sql = (
        "CREATE TABLE t (a); CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = 7; SELECT 1; END;"
        "INSERT INTO t VALUES (1); SELECT a FROM t"
    )
    assert outputs(run(files, "sqlite.Queries", sql=sql, fetch_one=True))["outputs"] == [{"row": {"a": 7}, "size": 1}]


def test_columns_declared_as_dates_give_dates(files: LocalFiles) -> None:
    given = {"d": date(2026, 1, 2), "t": datetime(2026, 1, 2, 3, tzinfo=UTC), "n": Decimal("1.50"), "b": b"\x00"}
    made = run(files, "sqlite.Query", sql="CREATE TABLE t (d DATE, t TIMESTAMP, n TEXT, b BLOB)", output_db_file=True)
    filled = run(
        files,
        "sqlite.Batch",
        sqlite_file=outputs(made)["databaseUri"],
        source=put_rows(files, [given, {"d": "no date"}]),
        table="t",
        output_db_file=True,
    )
    address = outputs(filled)["databaseUri"]
    found = run(files, "sqlite.Query", sqlite_file=address, sql="SELECT * FROM t", store=True)
    assert rows(files, outputs(found)["uri"]) == [
        {**given, "n": "1.50"},
        {"d": "no date", "t": None, "n": None, "b": None},
    ]


def test_pragmas_stand_in_the_url(files: LocalFiles, tmp_path: Path) -> None:
    url = f"jdbc:sqlite:{tmp_path}/a.db?journal_mode=wal&foreign_keys=on"
    found = run(files, "sqlite.Query", url=url, sql="PRAGMA journal_mode", fetch_one=True)
    assert outputs(found)["row"] == {"journal_mode": "wal"}
    bad = run(files, "sqlite.Query", url="jdbc:sqlite:?a=1;drop", sql="SELECT 1")
    assert bad.result.error == "`a` is no pragma"


def test_a_relative_path_lies_in_the_working_folder(files: LocalFiles) -> None:
    sql = "CREATE TABLE t (a); SELECT '{{ dbFilePath }}' AS path, '{{ workingDir }}' AS dir"
    row = outputs(run(files, "sqlite.Query", url="jdbc:sqlite:x.db", sql=sql, fetch_one=True))["row"]
    assert row["path"] == f"{row['dir']}/x.db"


def test_a_batch_that_finds_the_database_busy_begins_again(
    files: LocalFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kapell.plugins.jdbc.sqlite._connection.BUSY_MILLISECONDS", 1)
    other = apsw.Connection(str(tmp_path / "a.db"))
    other.execute("CREATE TABLE t (a); BEGIN IMMEDIATE")
    given = {"url": f"jdbc:sqlite:{tmp_path}/a.db", "source": put_rows(files, [{"a": 1}]), "table": "t"}

    def free(_ctx: object, line: LogLine) -> None:
        assert "locked" in line.message
        other.execute("ROLLBACK")

    waiting = {**given, "retry_backoff": "PT0S"}
    ran = attempt("io.kestra.plugin.jdbc.sqlite.Batch", waiting, files=files, heard=free)
    assert outputs(ran)["updatedCount"] == 1
    assert [level for level, _ in ran.said] == ["WARN"]
    other.execute("BEGIN IMMEDIATE")
    assert "locked" in (run(files, "sqlite.Batch", **given, max_retries=0).result.error or "")
    other.close()
