"""What every database does alike: fetching, storing, parameters, transactions, batches."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from attempts import Ran
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.services.context import TaskContext
from plugins.jdbc.databases import PASSWORD, USER, outputs, run, server
from tables import put, put_rows, rows

Run = Callable[..., Ran]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    pytest.importorskip("psycopg", reason="needs kapell[postgres]")
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "duckdb", "postgresql"])
def on(request: pytest.FixtureRequest, tmp_path: Path, files: LocalFiles) -> Run:
    """Runs a task on a database that holds one table `t`: (1, 'a'), (2, 'b'), (3, null)."""
    kind = request.param
    if kind == "postgresql":
        place = {"url": request.getfixturevalue("postgres"), "username": USER, "password": PASSWORD}
    else:
        pytest.importorskip("apsw" if kind == "sqlite" else kind, reason=f"needs kapell[{kind}]")
        place = {"url": f"jdbc:{kind}:{tmp_path}/test.db"}

    def task(name: str, sql: str | None = None, **properties: object) -> Ran:
        given = {**place, **({"sql": sql} if sql else {}), **properties}
        return run(files, f"{kind}.{name}", **given)

    made = "DROP TABLE IF EXISTS t; CREATE TABLE t (n INTEGER PRIMARY KEY, s VARCHAR(10));"
    outputs(task("Queries", f"{made} INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL);"))
    return task


ALL = [{"n": 1, "s": "a"}, {"n": 2, "s": "b"}, {"n": 3, "s": None}]
SELECT = "SELECT n, s FROM t ORDER BY n"


def test_rows_are_fetched_all_or_one_or_none(on: Run) -> None:
    assert outputs(on("Query", SELECT, fetch_type="FETCH")) == {"rows": ALL, "size": 3}
    assert outputs(on("Query", SELECT, fetch_type="FETCH_ONE")) == {"row": ALL[0], "size": 1}
    assert outputs(on("Query", SELECT)) == {}
    assert outputs(on("Query", "SELECT n FROM t WHERE n > 9", fetch_type="FETCH_ONE")) == {"size": 0}
    assert outputs(on("Query", "SELECT n FROM t WHERE n > 9", fetch_type="FETCH")) == {"rows": [], "size": 0}


def test_rows_are_stored_as_a_table(on: Run, files: LocalFiles) -> None:
    ran = on("Query", SELECT, fetch_type="STORE", fetch_size=2)
    found = outputs(ran)
    assert rows(files, found["uri"]) == ALL
    assert found["size"] == 3
    assert [(metric.name, metric.value, metric.tags) for metric in ran.metrics] == [
        ("fetch.size", 3, {"fetch": "false", "store": "true"})
    ]


@pytest.mark.parametrize(("old", "key"), [("store", "uri"), ("fetch", "rows"), ("fetch_one", "row")])
def test_the_old_names_of_the_ways_to_fetch(on: Run, old: str, key: str) -> None:
    assert set(outputs(on("Query", SELECT, **{old: True}))) == {key, "size"}


def test_parameters_are_values_whatever_they_hold(on: Run) -> None:
    evil = "x'; DROP TABLE t; --"
    sql = "SELECT n FROM t WHERE s = :s OR s = :other OR s = :s ORDER BY n -- :s"
    assert outputs(on("Query", sql, fetch=True, parameters={"s": "b", "other": evil}))["rows"] == [{"n": 2}]
    assert outputs(on("Query", "INSERT INTO t VALUES (4, :s)", parameters={"s": None})) == {}
    assert outputs(on("Query", "SELECT count(*) AS n FROM t", fetch_one=True))["row"] == {"n": 4}


def test_sql_that_fails_fails_the_task_in_the_database_s_words(on: Run) -> None:
    ran = on("Query", "SELECT nothing FROM t")
    assert ran.result.state is State.FAILED
    assert "nothing" in (ran.result.error or "")


def test_what_follows_is_of_the_same_transaction(on: Run) -> None:
    ran = on("Query", SELECT, fetch=True, after_sql="DELETE FROM t")
    assert outputs(ran)["size"] == 3
    assert outputs(on("Query", SELECT, fetch=True))["size"] == 0
    outputs(on("Query", "INSERT INTO t VALUES (1, 'a')"))
    assert on("Query", "DELETE FROM t", after_sql="DELETE FROM nowhere").result.state is State.FAILED
    assert outputs(on("Query", SELECT, fetch=True))["size"] == 1


def test_each_statement_that_finds_something_is_an_output(on: Run) -> None:
    sql = f"{SELECT}; INSERT INTO t VALUES (4, 'd;'); SELECT count(*) AS c FROM t"
    assert outputs(on("Queries", sql, fetch_type="FETCH")) == {
        "outputs": [{"rows": ALL, "size": 3}, {"rows": [{"c": 4}], "size": 1}]
    }


FIVE = (
    "INSERT INTO t VALUES (10, 'x'); INSERT INTO t VALUES (11, 'y'); INSERT INTO t VALUES (1, 'twice'); "
    "INSERT INTO t VALUES (12, 'z'); SELECT 1"
)


def test_the_third_of_five_that_fails_rolls_all_back_and_is_named(on: Run) -> None:
    error = on("Queries", FIVE).result.error or ""
    assert error.startswith("Statement 3 of 5 failed: ")
    assert error.endswith("(all statements were rolled back)")
    assert outputs(on("Query", SELECT, fetch=True))["rows"] == ALL


def test_without_a_transaction_what_was_done_stays_done(on: Run) -> None:
    error = on("Queries", FIVE, transaction=False).result.error or ""
    assert error.startswith("Statement 3 of 5 failed: ")
    assert error.endswith("(those before it stay done)")
    assert outputs(on("Query", "SELECT count(*) AS n FROM t", fetch_one=True))["row"] == {"n": 5}


def test_a_table_is_inserted_row_by_row(on: Run, files: LocalFiles) -> None:
    address = put_rows(files, [{"s": f"r{n}", "n": n, "more": 1} for n in range(10, 35)])
    ran = on("Batch", "INSERT INTO t (n, s) VALUES (?, ?)", source=address, columns=["n", "s"], chunk=10)
    assert outputs(ran) == {"rowCount": 25, "updatedCount": 25}
    found = outputs(on("Query", "SELECT s FROM t WHERE n = 34", fetch_one=True))
    assert found["row"] == {"s": "r34"}


def test_a_table_is_inserted_without_a_statement(on: Run, files: LocalFiles) -> None:
    lines = "\n".join(json.dumps({"n": n, "s": None}) for n in (10, 11))
    assert outputs(on("Batch", source=put(files, lines), table="t")) == {"rowCount": 2, "updatedCount": 2}
    assert outputs(on("Batch", source=put(files, ""), table="t")) == {"rowCount": 0, "updatedCount": 0}


def test_a_batch_is_all_or_nothing(on: Run, files: LocalFiles) -> None:
    address = put_rows(files, [[20, "x"], [21, "y"], [1, "twice"]])
    error = on("Batch", "INSERT INTO t VALUES (?, ?)", source=address, chunk=2).result.error or ""
    assert error.startswith("Rows 3 to 3: ")
    assert outputs(on("Query", SELECT, fetch=True))["rows"] == ALL


def test_a_batch_says_which_row_does_not_fit(on: Run, files: LocalFiles) -> None:
    address = put_rows(files, [[20, "x"], [21]])
    ran = on("Batch", "INSERT INTO t VALUES (?, ?)", source=address)
    assert ran.result.error == "Row 2 has 1 values, the statement takes 2"
    assert "Either `sql` must be given" in (on("Batch", source=address, table="t").result.error or "")


def test_days_and_nulls_keep_their_types(on: Run, files: LocalFiles) -> None:
    outputs(on("Queries", "DROP TABLE IF EXISTS d; CREATE TABLE d (day DATE, x INTEGER)"))
    outputs(on("Batch", source=put_rows(files, [{"day": date(2026, 1, 2), "x": None}]), table="d"))
    found = outputs(on("Query", "SELECT day, x FROM d", store=True))
    assert rows(files, found["uri"]) == [{"day": date(2026, 1, 2), "x": None}]
    assert outputs(on("Query", "SELECT day, x FROM d", fetch_one=True))["row"] == {"day": "2026-01-02", "x": None}


def test_a_long_query_is_broken_off_when_the_task_is_killed(on: Run) -> None:
    sql = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000000) SELECT count(*) FROM c"

    def prepare(ctx: TaskContext) -> None:
        threading.Timer(0.3, ctx.cancel).start()

    assert on("Query", sql, fetch=True, prepare=prepare).result.state is State.KILLED


def test_an_url_of_another_database_is_refused(files: LocalFiles) -> None:
    for kind in ("sqlite", "duckdb", "postgresql"):
        error = run(files, f"{kind}.Query", url="jdbc:oracle:x", sql="SELECT 1").result.error
        assert error == f"The URL must begin with `jdbc:{kind}:`"
