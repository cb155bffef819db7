"""A page of executions, or how many there are: which index finds them, and the query that says so.

The planner has no statistics and would sort whole tenants, so the index is chosen here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from msgspec.structs import replace

from kapell.adapters.sqlite.query import Row, Session, Value, micros
from kapell.ids import first_id
from kapell.model.execution import Kind
from kapell.model.state import State
from kapell.ports.executions import FlowCount, Search

RECENT = 1_000
"""How many of the newest are looked through first: most pages are among them."""

SLACK = timedelta(minutes=1)
"""How much later than its row the instant in an id may be. It may be far earlier: that of the task run that called."""

BY_ID = "sqlite_autoindex_executions_1"
Conditions = list[tuple[str, list[Value]]]


def find(session: Session, search: Search) -> list[bytes]:
    """The bodies of a page, the newest first."""
    rows = [row for part in _parts(_bounded(search)) for row in _page(session, part)]
    rows.sort(key=lambda row: str(row[0]), reverse=True)
    return [body for _, body in rows[: search.limit] if isinstance(body, bytes)]


def count(session: Session, search: Search) -> list[FlowCount]:
    """How many there are of each flow, by namespace and id."""
    found: dict[tuple[str, str], int] = {}
    for part in _parts(_bounded(replace(search, before=None))):
        index, (where, values) = _index(part), _where(_conditions(part))
        if part.created_from is not None and index in (None, "executions_namespace", "executions_state"):
            index = "executions_created"
        source = "executions" if index is None else f"executions INDEXED BY {index}"
        text = f"SELECT namespace, flow_id, count(*) FROM {source} WHERE {where} GROUP BY namespace, flow_id"
        for namespace, flow_id, number in session.found(text, values):
            key = (str(namespace), str(flow_id))
            found[key] = found.get(key, 0) + int(str(number))
    return [FlowCount(*key, found[key]) for key in sorted(found)]


def _parts(search: Search) -> list[Search]:
    """The search, or one for the states that have ended and one for the others: no index has both."""
    if search.settled:
        return [search]
    live, ended = ([state for state in search.states if state.ended is ends] for ends in (False, True))
    return [replace(search, states=tuple(states)) for states in (live, ended) if states] or [search]


def _bounded(search: Search) -> Search:
    """The search with no page that begins later than what it asks for."""
    ends = [after(at) for at in (search.created_to, search.ended_by) if at is not None]
    return replace(search, before=min([*ends, *([search.before] if search.before is not None else [])], default=None))


def after(at: datetime) -> str:
    """An id that sorts after those of all executions that were there at an instant."""
    with suppress(OverflowError):
        at += SLACK
    return first_id(at)


def _page(session: Session, search: Search) -> Sequence[Row]:
    """(id, body) of a page; the states asked for have all ended, or none has."""
    conditions, index = _conditions(search), _index(search)
    if index in ("executions_namespace", "executions_state"):
        before = "" if search.before is None else "WHERE id < ?"
        recent = f"(SELECT * FROM executions {before} ORDER BY id DESC LIMIT {RECENT})"
        early: list[Value] = [] if search.before is None else [search.before]
        rows = _select(session, recent, [("", early), *conditions], search.limit)
        if len(rows) == search.limit:
            return rows
    return _select(session, f"executions INDEXED BY {index or BY_ID}", conditions, search.limit)


def _index(search: Search) -> str | None:
    """The one that leaves the fewest rows; None for going through the ids from the newest on."""
    if search.settled:
        return None
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
    conditions: Conditions = [("tenant = ?" if indexed else "+tenant = ?", [search.tenant]), (_kinds(search), [])]
    if search.namespace is not None and search.flow_id is not None:
        conditions.append(("namespace = ?", [search.namespace]))
    elif search.namespace is not None:
        # "/" follows "." in the order of text: what lies between are the names below.
        first, after = search.namespace, f"{search.namespace}/"
        conditions.append(("namespace >= ? AND namespace < ?", [first, after]))
        conditions.append(("(namespace = ? OR namespace > ?)", [first, f"{first}."]))
    if search.flow_id is not None:
        conditions.append(("flow_id = ?", [search.flow_id]))
    if search.states and not search.settled:
        conditions += [(f"ended = {search.states[0].ended:d}", []), _states(search.states)]
    elif search.states:
        conditions.append(_states(search.states))
    if search.parent_id is not None:
        conditions.append(("parent_id = ?", [search.parent_id]))
    if search.before is not None:
        conditions.append(("id < ?", [search.before]))
    return [*conditions, *_span(search), *_rest(search)]


def _kinds(search: Search) -> str:
    if search.settled:
        return f"kind <> '{Kind.LOOP}'"
    return f"kind IN ('{Kind.NORMAL}', '{Kind.LOOP}')" if search.loops else f"kind = '{Kind.NORMAL}'"


def _span(search: Search) -> Conditions:
    """Between which instants."""
    conditions: Conditions = []
    if search.created_from is not None:
        conditions.append(("created >= ?", [micros(search.created_from)]))
    if search.created_to is not None:
        conditions.append(("created <= ?", [micros(search.created_to)]))
    if search.ended_by is not None:
        conditions.append(("ended_at <= ?", [micros(search.ended_by)]))
    return conditions


def _rest(search: Search) -> Conditions:
    """What no index knows of."""
    conditions: Conditions = []
    if search.child is not None:
        conditions.append((f"root_id {'<>' if search.child else '='} id", []))
    if search.settled:
        # A tree runs with the first of it; what was started and not waited for, or repeats it, may use its files.
        first = "SELECT 1 FROM executions AS first WHERE first.id = executions.root_id AND first.ended = 0"
        later = "SELECT 1 FROM executions AS later WHERE later.parent_id = executions.id AND later.ended = 0"
        conditions.append((f"ended = 1 AND (root_id = id OR NOT EXISTS ({first})) AND NOT EXISTS ({later})", []))
    has = "EXISTS (SELECT 1 FROM json_each(CAST(body AS TEXT), '$.labels') AS label WHERE key = ? AND value = ?)"
    conditions += [(has, list(pair)) for pair in search.labels.items()]
    return conditions


def _states(states: Sequence[State]) -> tuple[str, list[Value]]:
    return f"state IN ({', '.join('?' * len(states))})", [str(state) for state in states]


def _select(session: Session, source: str, conditions: Conditions, limit: int) -> list[Row]:
    """Ids are sorted out first: what does not make the page has no body read."""
    where, values = _where(conditions)
    page = f"SELECT id FROM {source} WHERE {where} ORDER BY id DESC LIMIT ?"
    return session.found(f"SELECT id, body FROM executions WHERE id IN ({page}) ORDER BY id DESC", [*values, limit])


def _where(conditions: Conditions) -> tuple[str, list[Value]]:
    return " AND ".join(text for text, _ in conditions if text), [value for _, values in conditions for value in values]
