"""SQLite through apsw: where the file is, values both ways."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl

import apsw

from kapell.plugins.jdbc._database import Kept, Result, Row, Session, SqlFailed
from kapell.plugins.jdbc._folder import aside, brought, kept_database
from kapell.plugins.jdbc._jdbc import Jdbc
from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.duration import format_duration

PREFIX = "jdbc:sqlite:"
MEMORY = ("", ":memory:")
BUSY_MILLISECONDS = 30_000


class SqliteJdbc(Jdbc):
    """Works on a file of SQLite, or on a database in memory."""

    url: Templated[str] = prop(
        "`jdbc:sqlite:` and a path, which is relative to the working folder; without one the database is in memory. "
        "Behind a `?` there may be pragmas.",
        default=PREFIX,
    )
    sqlite_file: Templated[str] | None = prop(
        "Address of a stored database, of which a copy is worked on.", default=None
    )
    output_db_file: Templated[bool] = prop("Whether to store the database afterwards.", default=False)

    @contextmanager
    def connected(self, ctx: RunContext) -> Iterator[Session]:
        """The file, open."""
        with aside(ctx) as folder:
            yield from self._session(ctx, folder)

    def _session(self, ctx: RunContext, folder: Path) -> Iterator[Session]:
        path, pragmas = self._place(ctx, folder)
        if self.sqlite_file is not None:
            brought(ctx, self.sqlite_file, Path(path))
        database = Sqlite(path, pragmas)
        known: dict[str, object] = {"workingDir": str(ctx.working_dir), "dbFilePath": path}

        def finish() -> Kept:
            if not self.output_db_file:
                return Kept()
            copy = folder / "copy.sqlite"
            database.execute("VACUUM INTO ?1", [str(copy)])
            return Kept(database_uri=kept_database(ctx, copy))

        try:
            yield Session(database, known, finish)
        finally:
            database.close()

    def _place(self, ctx: RunContext, folder: Path) -> tuple[str, list[tuple[str, str]]]:
        if not self.url.startswith(PREFIX):
            raise TaskFailed(f"The URL must begin with `{PREFIX}`")
        path, _, query = self.url.removeprefix(PREFIX).partition("?")
        path = path.removeprefix("file:")
        if path in MEMORY and self.sqlite_file is None:
            return ":memory:", parse_qsl(query)
        return str(folder / "given.sqlite" if path in MEMORY else ctx.working_dir / path), parse_qsl(query)


class Sqlite:
    """A connection."""

    mark = "?"

    def __init__(self, path: str, pragmas: Iterable[tuple[str, str]] = ()) -> None:
        with told():
            self._connection = apsw.Connection(path)
            self._connection.set_busy_timeout(BUSY_MILLISECONDS)
            for name, value in pragmas:
                if not re.fullmatch(r"\w+", name) or not re.fullmatch(r"[-\w]+", value):
                    raise TaskFailed(f"`{name}` is no pragma")
                self._connection.execute(f"PRAGMA {name} = {value}").fetchall()

    def is_whole(self, text: str) -> bool:
        """Whether it is; in the body of a trigger there are semicolons, too."""
        return apsw.complete(text)

    def execute(self, sql: str, values: Sequence[object] = ()) -> Result | None:
        """Run a statement; its rows are made as they are read."""
        columns: list[tuple[str, str]] = []

        def describe(cursor: apsw.Cursor, _sql: str, _values: object) -> bool:
            columns.extend((name, kind or "") for name, kind, *_ in cursor.get_description())
            return True

        cursor = self._connection.cursor()
        cursor.exec_trace = describe
        with told():
            cursor.execute(sql, [bound(value) for value in values])
        return Result([name for name, _ in columns], _rows(cursor, columns)) if columns else None

    def execute_many(self, sql: str, rows: Iterable[Row]) -> int:
        """Run it for each row."""
        before = self._connection.total_changes()
        with told():
            self._connection.cursor().executemany(sql, ([bound(value) for value in row] for row in rows))
        return self._connection.total_changes() - before

    def insert(self, into: str, rows: Sequence[Row]) -> int:
        """Row by row, since nothing is sent over a network."""
        return self.execute_many(f"{into} VALUES ({', '.join('?' * len(rows[0]))})", rows)

    def begin(self) -> None:
        """Begin; the lock for writing is taken by the first that writes."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """Commit."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back, where SQLite has not done so by itself."""
        if self._connection.in_transaction:
            self.execute("ROLLBACK")

    def cancel(self) -> None:
        """Interrupt what is running."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close, whatever is still being read."""
        self._connection.close(True)


@contextmanager
def told() -> Iterator[None]:
    """Errors of the library as `SqlFailed`."""
    try:
        yield
    except apsw.Error as error:
        text = str(error).removeprefix(f"{type(error).__name__}: ")
        raise SqlFailed(text, transient=isinstance(error, apsw.BusyError | apsw.LockedError)) from error


def _rows(cursor: apsw.Cursor, columns: Sequence[tuple[str, str]]) -> Iterator[Row]:
    typed = [(at, read) for at, (_, kind) in enumerate(columns) if (read := _reader(kind)) is not None]
    with told():
        for row in cursor:
            if not typed:
                yield row
                continue
            values = [*row]
            for at, read in typed:
                values[at] = read(values[at])
            yield values


def _reader(kind: str) -> Callable[[object], object] | None:
    """What makes dates of the texts in a column that is declared as one; SQLite itself knows no such type."""
    kind = kind.upper()
    if kind.startswith(("DATETIME", "TIMESTAMP")):
        return _moment
    return _day if kind == "DATE" else None


def _moment(value: object) -> object:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def bound(value: object) -> int | float | str | bytes | None:
    """A value as SQLite stores it: dates as ISO 8601, lists and maps as JSON, decimals as text of their digits."""
    if value is None or isinstance(value, int | float | str | bytes):
        return value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
