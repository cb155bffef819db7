"""A page of executions: which index finds it, and the query that says so.

The planner has no statistics and would sort whole tenants, so the index is chosen here.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kapell.adapters.sqlite.query import Row, Session, Value
from kapell.model.execution import Kind
from kapell.model.state import State
from kapell.ports.executions import Search

RECENT = 1_000
"""How many of the newest are looked through first: most pages are among them."""

BY_ID = "sqlite_autoindex_executions_1"
Conditions = list[tuple[str, list[Value]]]


def find(session: Session, search: Search) -> list[bytes]:
    """The bodies of a page, the newest first."""
    live, ended = ([state for state in search.states if state.ended is ends] for ends in (False, True))
    parts = [replace(search, states=tuple(states)) for states in (live, ended) if states] or [search]
    rows = [row for part in parts for row in _page(session, part)]
    rows.sort(key=lambda row: str(row[0]), reverse=True)
    return [body for _, body in rows[: search.limit] if isinstance(body, bytes)]


def _page(session: Session, search: Search) -> Sequence[Row]:
    """(id, body) of a page; the states asked for have all ended, or none has."""
    conditions, index = _conditions(search), _index(search)
    if index is None:
        return _select(session, f"executions INDEXED BY {BY_ID}", conditions, search.limit)
    if index in ("executions_namespace", "executions_state"):
        before = "" if search.before is None else "WHERE id < ?"
        recent = f"(SELECT * FROM executions {before} ORDER BY id DESC LIMIT {RECENT})"
        early: list[Value] = [] if search.before is None else [search.before]
        rows = _select(session, recent, [("", early), *conditions], search.limit)
        if len(rows) == search.limit:
            return rows
    return _select(session, f"executions INDEXED BY {index}", conditions, search.limit)


def _index(search: Search) -> str | None:
    """The one that leaves the fewest rows; None for going through the ids from the newest on."""
    if search.parent_id is not None:
        return "executions_parent"
    if search.flow_id is not None:
        return "executions_flow"
    if search.states and not search.states[0].ended:
        return "executions_unfinished"
    if search.namespace is not None and not search.loops and not _are_few(search.states):
        return "executions_namespace"
    return "executions_state" if search.states else None


def _are_few(states: Sequence[State]) -> bool:
    """Whether few executions end like this."""
    return bool(states) and State.SUCCESS not in states


def _conditions(search: Search) -> Conditions:
    indexed = _index(search) in ("executions_flow", "executions_namespace", "executions_state")
    kinds = f"kind IN ('{Kind.NORMAL}', '{Kind.LOOP}')" if search.loops else f"kind = '{Kind.NORMAL}'"
    conditions: Conditions = [("tenant = ?" if indexed else "+tenant = ?", [search.tenant]), (kinds, [])]
    if search.namespace is not None:
        # "/" follows "." in the order of text: what lies between are the names below.
        first, after = search.namespace, f"{search.namespace}/"
        conditions.append(("namespace >= ? AND namespace < ?", [first, after]))
        conditions.append(("(namespace = ? OR namespace > ?)", [first, f"{first}."]))
    if search.flow_id is not None:
        conditions.append(("flow_id = ?", [search.flow_id]))
    if search.states:
        conditions += [(f"ended = {search.states[0].ended:d}", []), _states(search.states)]
    if search.parent_id is not None:
        conditions.append(("parent_id = ?", [search.parent_id]))
    if search.before is not None:
        conditions.append(("id < ?", [search.before]))
    return conditions


def _states(states: Sequence[State]) -> tuple[str, list[Value]]:
    return f"state IN ({', '.join('?' * len(states))})", [str(state) for state in states]


def _select(session: Session, source: str, conditions: Conditions, limit: int) -> list[Row]:
    """Ids are sorted out first: what does not make the page has no body read."""
    where = " AND ".join(text for text, _ in conditions if text)
    values = [value for _, values in conditions for value in values]
    page = f"SELECT id FROM {source} WHERE {where} ORDER BY id DESC LIMIT ?"
    return session.found(f"SELECT id, body FROM executions WHERE id IN ({page}) ORDER BY id DESC", [*values, limit])
