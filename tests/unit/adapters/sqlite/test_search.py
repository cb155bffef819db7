"""Searches go through an index, whatever is asked: none reads a tenant's executions from end to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import apsw
import pytest

from factories import NOW
from kapell.adapters.sqlite.migrate import migrate
from kapell.adapters.sqlite.query import Session, Value
from kapell.adapters.sqlite.search import BY_ID, count, find
from kapell.model.state import State
from kapell.ports.executions import Search

FAILED, LIVE = (State.FAILED, State.KILLED), (State.RUNNING, State.PAUSED)

SEARCHES = {
    "everything": (Search(), {BY_ID}),
    "next page": (Search(before="x"), {BY_ID}),
    "with loops": (Search(loops=True), {BY_ID}),
    "flow": (Search(namespace="a", flow_id="b", states=FAILED), {"executions_flow"}),
    "children": (Search(parent_id="a", loops=True, before="x"), {"executions_parent"}),
    "failed": (Search(states=FAILED), {BY_ID, "executions_state"}),
    "failed in a namespace": (Search(states=FAILED, namespace="a", before="x"), {BY_ID, "executions_state"}),
    "live": (Search(states=LIVE, namespace="a"), {"executions_unfinished"}),
    "live or failed": (Search(states=LIVE + FAILED), {BY_ID, "executions_state", "executions_unfinished"}),
    "namespace": (Search(namespace="a.b"), {BY_ID, "executions_namespace"}),
    "settled": (Search(settled=True, ended_by=NOW, namespace="a"), {BY_ID, "executions_parent"}),
    "succeeded in a namespace": (Search(namespace="a", states=(State.SUCCESS,)), {BY_ID, "executions_namespace"}),
}


@pytest.fixture
def connection() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrate(connection)
    return connection


COUNTS = {
    "flow": (Search(namespace="a", flow_id="b", created_from=NOW), {"executions_flow"}),
    "since an instant": (Search(created_from=NOW), {"executions_created"}),
    "in a namespace": (Search(namespace="a", created_from=NOW, states=FAILED), {"executions_created"}),
    "live": (Search(created_from=NOW, states=LIVE), {"executions_unfinished"}),
    "ended by an instant": (Search(ended_by=NOW, states=FAILED), {"executions_state"}),
}


@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_uses_the_indexes_made_for_it(connection: apsw.Connection, name: str) -> None:
    search, expected = SEARCHES[name]
    used = indexes(connection, lambda session: find(session, search))
    assert expected <= used <= expected | {BY_ID}


@pytest.mark.parametrize("name", COUNTS)
def test_a_count_uses_the_indexes_made_for_it(connection: apsw.Connection, name: str) -> None:
    search, expected = COUNTS[name]
    assert indexes(connection, lambda session: count(session, search)) == expected


def indexes(connection: apsw.Connection, work: Callable[[Session], Sequence[object]]) -> set[str]:
    """What the statements of `work`, which finds nothing, use; none may read the whole table."""
    asked: list[tuple[str, tuple[Value, ...]]] = []

    def trace(_cursor: object, text: str, values: tuple[Value, ...]) -> bool:
        asked.append((text, tuple(values)))
        return True

    connection.exec_trace = trace
    assert work(Session(connection)) == []
    connection.exec_trace = None
    plan = [row[3] for text, values in asked for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    assert "SCAN executions" not in plan
    return {step.split("INDEX ")[1].split(" ")[0] for step in plan if "INDEX " in step}


def test_a_page_found_among_the_newest_asks_no_further(connection: apsw.Connection) -> None:
    connection.execute(
        """
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
        INSERT INTO executions
          (id, tenant, root_id, shard, namespace, flow_id, state, kind, parent_id, version, created, ended, body)
        SELECT printf('%022d', n), 'main', '', 0, 'a', 'f', 'FAILED', 'NORMAL', NULL, 1, ?, 1, CAST(n AS BLOB)
        FROM numbers
        """,
        (NOW.year,),
    ).fetchall()
    asked: list[str] = []
    connection.exec_trace = lambda _cursor, text, _values: bool(asked.append(text) or True)
    assert find(Session(connection), Search(states=FAILED, limit=2)) == [b"40", b"39"]
    assert len(asked) == 1
    assert find(Session(connection), Search(states=FAILED, before=f"{3:022}", limit=9)) == [b"2", b"1"]
    connection.exec_trace = None
