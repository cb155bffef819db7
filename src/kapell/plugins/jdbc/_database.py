"""What a driver does for the tasks: an open connection, statements, results whose rows come as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kapell.errors import KapellError

Row = Sequence[object]


class SqlFailed(KapellError):
    """The database refused; the text is its own. What is `transient` may go well when it is tried again."""

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(message)
        self.transient = transient


@dataclass(frozen=True, slots=True)
class Result:
    """What a query gives: the names of its columns, its rows from the first to the last."""

    columns: Sequence[str]
    rows: Iterator[Row]


class Database(Protocol):
    """A connection; all but `cancel` is called by one thread. Everything raises `SqlFailed`."""

    mark: str
    """What stands before the number of a parameter."""

    def is_whole(self, text: str) -> bool:
        """Whether a text that ends with a semicolon is a statement to its end."""
        ...

    def execute(self, sql: str, values: Sequence[object] = ()) -> Result | None:
        """Run a statement; None where it is none that gives rows. The rows must be read before the next one."""
        ...

    def execute_many(self, sql: str, rows: Iterable[Row]) -> int:
        """Run a statement for each row of values; how many rows were changed."""
        ...

    def insert(self, into: str, rows: Sequence[Row]) -> int:
        """Insert rows at once, in the quickest way: `into` is the statement up to its VALUES; how many were."""
        ...

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def commit(self) -> None:
        """End it."""
        ...

    def rollback(self) -> None:
        """Undo it."""
        ...

    def cancel(self) -> None:
        """Break off what is running, from another thread."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What was stored beside the rows: files that the SQL has written, the database itself."""

    output_files: Mapping[str, str] | None = None
    database_uri: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An open database, what its SQL may name, and what is to be stored when all is done."""

    database: Database
    known: Mapping[str, object] = field(default_factory=dict)
    finish: Callable[[], Kept] = Kept
