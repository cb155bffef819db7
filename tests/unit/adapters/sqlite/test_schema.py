"""The schema: every table says how long its rows stay, every query finds its rows by an index."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import apsw
import pytest

from factories import NOW, created, execution, job, kill_asked, line, metric, step, task_run, timer
from kapell.adapters.sqlite.executions import BELONGING
from kapell.adapters.sqlite.migrate import APPLICATION, RETENTION, migrate
from kapell.adapters.sqlite.query import Session, micros, statement, statements
from kapell.adapters.sqlite.store import SqliteStore
from kapell.model.codec import encode
from kapell.model.state import State
from lease import all_shards
from stores import with_store

SMALL = {"shards", "inbox", "jobs", "windows", "sqlite_sequence"}
"""Tables that may be read whole: a row for each shard, each trigger that waits, what waits or runs at this moment."""


@pytest.fixture
def connection() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrate(connection)
    return connection


def tables(connection: apsw.Connection) -> dict[str, list[str]]:
    """Columns by table."""
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {
        name: [column for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (name,))]
        for (name,) in names.fetchall()
    }


def test_every_table_names_its_retention(connection: apsw.Connection) -> None:
    assert RETENTION.keys() == tables(connection).keys()


def test_all_tables_that_name_an_execution_lose_its_rows_with_it(connection: apsw.Connection) -> None:
    assert {name for name, columns in tables(connection).items() if "execution_id" in columns} == set(BELONGING)


def test_a_deleted_execution_is_named_nowhere_in_the_file(tmp_path: Path) -> None:
    gone = execution()
    run = task_run(gone)

    def rows_that_name_it(session: Session) -> list[str]:
        return [
            f"{table}: {row}"
            for table in tables(session.connection)
            for row in session.connection.execute(f"SELECT * FROM {table}").fetchall()
            if re.search(f"{gone.id}|{run.id}", str(row))
        ]

    async def act(store: SqliteStore) -> None:
        await store.executions.create([created(gone, key="k", digest="d")])
        whole = step(
            gone,
            runs=(run,),
            outputs={run.id: {"n": 1}},
            logs=(line(run),),
            metrics=(metric(run),),
            timers=(timer(gone),),
            jobs=(job(run),),
            sent=(kill_asked(gone),),
        )
        await store.executions.apply([whole], await all_shards(store))
        named = {found.split(":")[0] for found in await store._database.read(rows_that_name_it)}
        assert named == {*BELONGING, "executions", "outputs"}
        await store.executions.delete(gone.id)
        assert await store._database.read(rows_that_name_it) == []

    with_store(tmp_path / "kapell.db", act)


def test_migrating_twice_changes_nothing(connection: apsw.Connection) -> None:
    before = connection.execute("SELECT * FROM sqlite_schema").fetchall()
    migrate(connection)
    assert connection.execute("SELECT * FROM sqlite_schema").fetchall() == before


@pytest.mark.parametrize("name", statements())
def test_a_query_reads_no_table_whole(connection: apsw.Connection, name: str) -> None:
    text = statement(name)
    numbered = [int(number) for number in re.findall(r"\?(\d+)", text)]
    values = ["[]"] * max([text.count("?"), *numbered][len(numbered) > 0 :])
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    scanned = {found[1] for step in plan if (found := re.match(r"SCAN (\w+)", step))}
    assert scanned & tables(connection).keys() <= SMALL


def test_what_had_ended_before_there_was_a_column_for_it_has_its_instant() -> None:
    connection = apsw.Connection(":memory:")
    scripts = sorted((files("kapell.adapters.sqlite") / "migrations").iterdir(), key=lambda file: file.name)
    for script in scripts[:3]:
        connection.execute(script.read_text(encoding="utf-8")).fetchall()
    connection.pragma("user_version", 3)
    connection.pragma("application_id", APPLICATION)
    for one in (execution(State.SUCCESS, id="ended"), execution(State.RUNNING, id="running")):
        connection.execute(
            """
            INSERT INTO executions
              (id, tenant, root_id, shard, namespace, flow_id, state, kind, version, created, ended, body)
            VALUES (?, 'main', ?, 0, 'a', 'b', ?, 'NORMAL', 1, 0, ?, ?)
            """,
            (one.id, one.id, str(one.state), one.state.ended, encode(one)),
        ).fetchall()
    migrate(connection)
    ends = connection.execute("SELECT id, ended_at FROM executions ORDER BY id").fetchall()
    assert ends == [("ended", micros(NOW)), ("running", None)]
