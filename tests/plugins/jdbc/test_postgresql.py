"""What PostgreSQL alone does: its types, COPY, URLs; and no word of the password."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from attempts import Ran
from kapell.adapters.files.local import LocalFiles
from kapell.plugins.jdbc.postgresql._url import connection_parameters
from kapell.sdk import TaskFailed
from plugins.jdbc.databases import PASSWORD, USER, outputs, run, server
from tables import put, rows, text

pytest.importorskip("psycopg", reason="needs kapell[postgres]")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


@pytest.fixture
def on(files: LocalFiles, url: str):
    def task(name: str, **properties: object) -> Ran:
        given = {"url": url, "username": USER, "password": PASSWORD, **properties}
        return run(files, f"postgresql.{name}", **given)

    return task


TYPES = (
    "SELECT 1.50::numeric AS n, '2026-01-02'::date AS d, '2026-01-02 03:04:05'::timestamp AS local, "
    "'2026-01-02 03:00+00'::timestamptz AS at, ARRAY[1, NULL] AS l, ARRAY[ARRAY['x']] AS deep, "
    """'{"k": [1, null]}'::jsonb AS j, '\\x00ff'::bytea AS b, NULL AS nothing, '10:20'::time AS t, """
    "'00000000-0000-0000-0000-000000000001'::uuid AS u, 1.5::float8 AS f, true AS yes, '10.0.0.1'::inet AS ip, "
    "'1 day 2 hours'::interval AS i, int4range(1, 3) AS r"
)
VALUES = {
    "n": Decimal("1.50"),
    "d": date(2026, 1, 2),
    "local": datetime(2026, 1, 2, 3, 4, 5),
    "at": datetime(2026, 1, 2, 3, tzinfo=UTC),
    "l": [1, None],
    "deep": [["x"]],
    "j": {"k": [1, None]},
    "b": b"\x00\xff",
    "nothing": None,
    "t": "10:20:00",
    "u": "00000000-0000-0000-0000-000000000001",
    "f": 1.5,
    "yes": True,
    "ip": "10.0.0.1",
    "i": "PT26H",
    "r": "[1, 3)",
}


def test_values_are_stored_with_their_types(on, files: LocalFiles) -> None:
    assert rows(files, outputs(on("Query", sql=TYPES, store=True))["uri"]) == [VALUES]


def test_values_are_outputs_as_json_has_them(on) -> None:
    row = outputs(on("Query", sql=TYPES, fetch_one=True))["row"]
    assert {key: row[key] for key in ("n", "d", "at", "l", "j", "b", "u", "ip")} == {
        "n": 1.5,
        "d": "2026-01-02",
        "at": "2026-01-02T03:00:00Z",
        "l": [1, None],
        "j": {"k": [1, None]},
        "b": "AP8=",
        "u": "00000000-0000-0000-0000-000000000001",
        "ip": "10.0.0.1",
    }


def test_instants_are_in_the_zone_asked_for(on) -> None:
    sql = "SELECT '2026-01-02 03:00+00'::timestamptz AS at, current_setting('TimeZone') AS zone"
    row = outputs(on("Query", sql=sql, fetch_one=True, time_zone_id="Europe/Paris"))["row"]
    assert row == {"at": "2026-01-02T04:00:00+01:00", "zone": "Europe/Paris"}


def test_parameters_have_any_type(on) -> None:
    sql = "SELECT :n::int + 1 AS n, :j::jsonb ->> 'a' AS j, :l::text[] AS l, :d::date AS d, 100 % 7 AS m"
    given = {"n": 1, "j": {"a": "x"}, "l": ["p", "q"], "d": "2026-01-02"}
    row = outputs(on("Query", sql=sql, parameters=given, fetch_one=True))["row"]
    assert row == {"n": 2, "j": "x", "l": ["p", "q"], "d": "2026-01-02", "m": 2}


def test_functions_and_blocks_are_one_statement(on) -> None:
    sql = (
        "CREATE OR REPLACE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 2; END $$;"
        "CREATE OR REPLACE FUNCTION three() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 3; END;"
        "SELECT two() AS a, three() AS b"
    )
    assert outputs(on("Queries", sql=sql, fetch_one=True))["outputs"] == [{"row": {"a": 2, "b": 3}, "size": 1}]


def test_a_single_statement_needs_no_transaction(on) -> None:
    outputs(on("Query", sql="VACUUM"))


def test_a_file_is_copied_in_and_out(on, files: LocalFiles) -> None:
    outputs(
        on("Queries", sql="DROP TABLE IF EXISTS c; CREATE TABLE c (id int, name text, at timestamptz DEFAULT now())")
    )
    csv = 'id;name\n1;"Ada; C"\n2;none\n'
    given = {"format": "CSV", "header": True, "delimiter": ";", "columns": ["id", "name"]}
    ran = on("CopyIn", source=put(files, csv), table="public.c", null_string="none", **given)
    assert outputs(ran) == {"rowCount": 2}
    out = outputs(on("CopyOut", table="c", null_string="none", force_quote=["name"], **given))
    assert (text(files, out["uri"]), out["rowCount"]) == ('id;name\n1;"Ada; C"\n2;none\n', 2)
    out = outputs(on("CopyOut", sql="SELECT id FROM c ORDER BY id DESC;"))
    assert text(files, out["uri"]) == "2\n1\n"


def test_a_file_with_a_wrong_line_copies_nothing(on, files: LocalFiles) -> None:
    outputs(on("Queries", sql="DROP TABLE IF EXISTS c; CREATE TABLE c (id int)"))
    error = on("CopyIn", source=put(files, "1\nx\n"), table="c").result.error or ""
    assert 'invalid input syntax for type integer: "x"' in error
    assert outputs(on("Query", sql="SELECT count(*) AS n FROM c", fetch_one=True))["row"] == {"n": 0}


def test_binary_files_are_copied(on, files: LocalFiles) -> None:
    outputs(on("Queries", sql="DROP TABLE IF EXISTS c; CREATE TABLE c (id int); INSERT INTO c VALUES (1), (NULL)"))
    uri = outputs(on("CopyOut", table="c", format="BINARY"))["uri"]
    assert outputs(on("CopyIn", source=uri, table="c", format="BINARY")) == {"rowCount": 2}


def test_what_to_copy_must_be_said(on) -> None:
    assert on("CopyOut").result.error == "Either one query (`sql`) or `table` must be given"
    assert on("CopyIn", source="x").result.error == "table: must not be empty"


def test_no_error_shows_the_password(on, url: str, files: LocalFiles) -> None:
    wrong = on("Query", sql="SELECT 1", password="wrong-pass")
    assert wrong.result.error
    refused = on("Query", sql=f"SELECT '{PASSWORD}'::int")
    assert "invalid input syntax" in (refused.result.error or "")
    unreachable = run(files, "postgresql.Query", url=f"jdbc:postgresql://127.0.0.1:1/x?password={PASSWORD}", sql="S")
    for ran, secret in ((wrong, "wrong-pass"), (refused, PASSWORD), (unreachable, PASSWORD)):
        assert secret not in (ran.result.error or "")
        assert not any(secret in message for _, message in ran.said)


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(files: LocalFiles) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"jdbc:postgresql://127.0.0.1:{silent.getsockname()[1]}/x?connectTimeout=2"
        assert run(files, "postgresql.Query", url=url, sql="SELECT 1").result.error == "connection timeout expired"
    gone = run(files, "postgresql.Query", url=url, sql="SELECT 1").result.error
    assert "Connection refused" in (gone or "")


def test_tls_that_the_server_has_not_is_an_error(on) -> None:
    assert "SSL" in (on("Query", sql="SELECT 1", ssl_mode="REQUIRE").result.error or "")


@pytest.mark.parametrize(
    ("url", "parameters"),
    [
        ("jdbc:postgresql://db:5433/shop", {"host": "db", "port": "5433", "dbname": "shop"}),
        ("jdbc:postgresql://db/", {"host": "db", "port": "5432"}),
        ("jdbc:postgresql:shop", {"host": "localhost", "port": "5432", "dbname": "shop"}),
        ("jdbc:postgresql://[::1]:1,b/x", {"host": "::1,b", "port": "1,5432", "dbname": "x"}),
        (
            "jdbc:postgresql://db/a%20b?user=u&password=p%26&ssl=true&currentSchema=s&ApplicationName=n&prepareThreshold=0"
            "&targetServerType=primary",
            {
                "host": "db",
                "port": "5432",
                "dbname": "a b",
                "user": "u",
                "password": "p&",
                "sslmode": "verify-full",
                "options": "-c search_path=s",
                "application_name": "n",
                "target_session_attrs": "primary",
            },
        ),
    ],
)
def test_urls_of_java_s_driver(url: str, parameters: dict[str, str]) -> None:
    assert connection_parameters(url) == parameters


def test_a_url_that_is_none_is_refused_without_being_shown() -> None:
    with pytest.raises(TaskFailed) as failure:
        connection_parameters("jdbc:postgresql://u:secret@db:x/y")
    assert "secret" not in str(failure.value)
