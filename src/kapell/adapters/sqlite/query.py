"""The named statements in `queries/*.sql`, and a connection that runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

import apsw

from kapell.model.codec import encode

Value = str | int | float | bytes | None
Row = tuple[Value, ...]

BULK = (64, 16, 4, 1)
"""Row counts for which a statement is prepared. One call for many rows, since each gives away Python's lock once."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Session:
    """A connection that runs statements by their names."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection
        self._cursor = connection.cursor()

    def rows(self, name: str, *values: Value) -> list[Row]:
        """All rows of a query: one that is not read to its end would keep its transaction open."""
        return list(self._cursor.execute(statement(name), values))

    def bodies(self, name: str, *values: Value) -> list[bytes]:
        """The first column of all rows, which is a body."""
        return [_body(row) for row in self.rows(name, *values)]

    def body(self, name: str, *values: Value) -> bytes | None:
        """The body in the first row; None where there is no row."""
        rows = self.rows(name, *values)
        return _body(rows[0]) if rows else None

    def value(self, name: str, *values: Value) -> Value:
        """The first column of the first row; None where there is no row."""
        rows = self.rows(name, *values)
        return rows[0][0] if rows else None

    def found(self, text: str, values: Sequence[Value]) -> list[Row]:
        """All rows of a query that has no name, since it is made to measure."""
        return list(self._cursor.execute(text, values))

    def delete(self, table: str, column: str, ids: Sequence[str]) -> None:
        """Remove the rows of a table that have one of `ids` in a column."""
        text = f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"
        self._cursor.execute(text, (encode(ids).decode(),))

    def write(self, name: str, rows: Sequence[Row]) -> None:
        """Run a statement for each row of values, many rows at a time."""
        for size, first in _portions(len(rows)):
            flat = [value for row in rows[first : first + size] for value in row]
            self._cursor.execute(statement(name, size), flat)


def _portions(count: int) -> Iterator[tuple[int, int]]:
    """(size, first row) of the calls for `count` rows."""
    first = 0
    for size in BULK:
        while count - first >= size:
            yield size, first
            first += size


def _body(row: Row) -> bytes:
    [body, *_] = row
    if not isinstance(body, bytes):
        raise TypeError(f"a body is bytes, not {type(body).__name__}")
    return body


@cache
def statement(name: str, rows: int = 1) -> str:
    """The text of a statement, its group of VALUES repeated for so many rows."""
    text = statements()[name]
    if rows == 1:
        return text
    return re.sub(r"VALUES (\([^()]*\))", lambda found: "VALUES " + ", ".join([found[1]] * rows), text, count=1)


@cache
def statements() -> dict[str, str]:
    """All statements by name, as they are written."""
    found: dict[str, str] = {}
    for file in sorted((files(__package__) / "queries").iterdir(), key=lambda file: file.name):
        for part in file.read_text(encoding="utf-8").split("-- name: ")[1:]:
            name, text = part.split("\n", 1)
            if name in found:
                raise ValueError(f"two statements are named {name}")
            found[name] = text.strip()
    return found


def micros(at: datetime) -> int:
    """Microseconds since 1970: how a time is kept in a column."""
    return (at - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """The time that a column holds."""
    return _EPOCH + micros * _MICROSECOND
