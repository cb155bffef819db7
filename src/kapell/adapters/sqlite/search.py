"""A page of executions: the query that a search makes."""

from __future__ import annotations

from kapell.adapters.sqlite.query import Session, Value
from kapell.model.execution import Kind
from kapell.ports.executions import Search


def find(session: Session, search: Search) -> list[bytes]:
    """The bodies of a page, the newest first."""
    conditions, values = _conditions(search)
    text = f"SELECT body FROM executions WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?"
    return session.found(text, [*values, search.limit])


def _conditions(search: Search) -> tuple[list[str], list[Value]]:
    kinds = [Kind.NORMAL, Kind.LOOP] if search.loops else [Kind.NORMAL]
    parts: list[tuple[str, list[Value]]] = [
        ("tenant = ?", [search.tenant]),
        (_one_of("kind", len(kinds)), [str(kind) for kind in kinds]),
    ]
    if search.namespace is not None:
        # "/" follows "." in the order of text: what lies between are the names below.
        below: list[Value] = [search.namespace, f"{search.namespace}.", f"{search.namespace}/"]
        parts.append(("(namespace = ? OR (namespace > ? AND namespace < ?))", below))
    if search.flow_id is not None:
        parts.append(("flow_id = ?", [search.flow_id]))
    if search.states:
        parts.append((_one_of("state", len(search.states)), [str(state) for state in search.states]))
        parts += [(f"ended = {ended:d}", []) for ended in _agreed(search)]
    if search.parent_id is not None:
        parts.append(("parent_id = ?", [search.parent_id]))
    if search.before is not None:
        parts.append(("id < ?", [search.before]))
    return [text for text, _ in parts], [value for _, values in parts for value in values]


def _agreed(search: Search) -> list[bool]:
    """Whether all the states asked for have ended, or none: then a partial index serves."""
    ended = {state.ended for state in search.states}
    return list(ended) if len(ended) == 1 else []


def _one_of(column: str, count: int) -> str:
    return f"{column} IN ({', '.join('?' * count)})"
