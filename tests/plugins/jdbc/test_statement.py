"""SQL cut into statements, parameters numbered."""

from __future__ import annotations

import pytest

from kapell.plugins.jdbc._statement import insert_of_marks, statements, with_marks, with_parameters


@pytest.mark.parametrize(
    ("sql", "parts"),
    [
        ("SELECT 1", ["SELECT 1"]),
        (" SELECT 1 ;\n\nSELECT 2;;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';', \"a;b\", `c;d`; SELECT 'it''s;'", ["SELECT ';', \"a;b\", `c;d`", "SELECT 'it''s;'"]),
        ("SELECT 1 -- a; b\n; SELECT /* c; /* d; */ e; */ 2", ["SELECT 1 -- a; b", "SELECT /* c; /* d; */ e; */ 2"]),
        ("DO $$ BEGIN a; END $$; SELECT $x$;$$;$x$", ["DO $$ BEGIN a; END $$", "SELECT $x$;$$;$x$"]),
        ("SELECT E'a\\';b'; SELECT '\\'; SELECT 3", ["SELECT E'a\\';b'", "SELECT '\\'", "SELECT 3"]),
        ("-- only a comment\n; /* another */", []),
        ("SELECT 'never closed; SELECT 2", ["SELECT 'never closed", "SELECT 2"]),
    ],
)
def test_statements_end_at_semicolons_that_are_ends(sql: str, parts: list[str]) -> None:
    assert statements(sql) == parts


def test_what_is_no_whole_statement_goes_on() -> None:
    assert statements("A; B; END; C", lambda text: text.endswith("END;") or text == " C;") == ["A; B; END", "C"]


def test_parameters_are_numbered_and_values_are_in_order() -> None:
    sql = "SELECT :b::int, ':a', :a, :b, :unknown, a[1:2], x -- :a"
    assert with_parameters(sql, {"a": 1, "b": 2}, "$") == (
        "SELECT $1::int, ':a', $2, $1, :unknown, a[1:2], x -- :a",
        [2, 1],
    )


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("INSERT INTO t (a, b) VALUES (?, ?)", ("INSERT INTO t (a, b) ", 2)),
        ('-- new\ninsert into "values" values( ?,\n? /* x */ );', ('-- new\ninsert into "values" ', 2)),
        ("INSERT INTO t VALUES (?, 1)", None),
        ("INSERT INTO t VALUES (?) ON CONFLICT DO NOTHING", None),
        ("INSERT INTO t SELECT ? UNION VALUES (?)", None),
        ("INSERT INTO t VALUES (?), (?)", None),
        ("UPDATE t SET a = ? WHERE b = ?", None),
        ("WITH x AS (VALUES (?)) INSERT INTO t SELECT 1", None),
    ],
)
def test_an_insert_of_a_row_is_known(sql: str, found: tuple[str, int] | None) -> None:
    assert insert_of_marks(sql) == found


def test_marks_are_numbered() -> None:
    assert with_marks("VALUES (?, '?', ?)", "$") == ("VALUES ($1, '?', $2)", 2)
