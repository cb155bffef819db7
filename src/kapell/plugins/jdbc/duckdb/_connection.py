"""DuckDB: where the file is, files beside it, extensions, results in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kapell.plugins.jdbc._database import Kept, Result, Row, Session, SqlFailed
from kapell.plugins.jdbc._folder import aside, brought, kept, kept_database
from kapell.plugins.jdbc._jdbc import Jdbc
from kapell.plugins.jdbc._statement import words_of
from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.folder import bring, relative
from kapell.sdk.vendor import vendor

if TYPE_CHECKING:
    import duckdb

PREFIX = "jdbc:duckdb:"
PIECE_ROWS = 2048
LISTED = frozenset({str, bool, int, float, bytes, date, time})


class DuckdbJdbc(Jdbc):
    """Works on a file of DuckDB, by default on one that is gone afterwards."""

    url: Templated[str] = prop(
        "`jdbc:duckdb:` and an absolute path or `md:` with the name of a MotherDuck database; without one the "
        "database is a file in the working folder.",
        default=PREFIX,
    )
    input_files: Templated[Mapping[str, str]] | None = prop(
        "Files by the names that the SQL reads them under: texts, or addresses of stored files.", default=None
    )
    output_files: Templated[list[str]] | None = prop(
        "Files that the SQL writes, and that are stored: it names them `{{ outputFiles.name }}`.", default=None
    )
    database_uri: Templated[str] | None = prop(
        "Address of a stored database, of which a copy is worked on.", default=None
    )
    output_db_file: Templated[bool] = prop("Whether to store the database afterwards.", default=False)
    community_extensions: Templated[list[str]] = prop(
        "Extensions of the community to install and load first; one that fails is a warning.", default=()
    )

    @contextmanager
    def connected(self, ctx: RunContext) -> Iterator[Session]:
        """The file, open, with everything beside it that the SQL may read or write."""
        with aside(ctx) as own:
            yield from self._session(ctx, own)

    def _session(self, ctx: RunContext, own: Path) -> Iterator[Session]:
        place, folder = self._place(own), ctx.working_dir
        for name, content in (self.input_files or {}).items():
            bring(ctx, folder, name, content)
        written = {name: folder / relative(name, "outputFile") for name in self.output_files or ()}
        if self.database_uri is not None:
            brought(ctx, self.database_uri, Path(place))
        database = Duckdb(place, folder, own, self.time_zone_id)
        self._extend(ctx, database)
        known = {
            "workingDir": str(folder),
            "dbFilePath": place,
            "outputFiles": {name: str(file) for name, file in written.items()},
        }

        def finish() -> Kept:
            files = kept(ctx, written) if written else None
            if not self.output_db_file:
                return Kept(files)
            # What is still in the log beside the file comes into it.
            database.close()
            return Kept(files, kept_database(ctx, Path(place)))

        try:
            yield Session(database, known, finish)
        finally:
            database.close()

    def _place(self, own: Path) -> str:
        if not self.url.startswith(PREFIX):
            raise TaskFailed(f"The URL must begin with `{PREFIX}`")
        path = self.url.removeprefix(PREFIX)
        if self.database_uri is not None or path in ("", ":memory:"):
            return str(own / "own.duckdb")
        if not path.startswith(("/", "md:")):
            raise TaskFailed("The database file path is not valid (Path to database file must be absolute)")
        return path

    def _extend(self, ctx: RunContext, database: Duckdb) -> None:
        for name in self.community_extensions:
            try:
                if not name.isidentifier():
                    raise SqlFailed("this is no name")
                database.execute(f"INSTALL {name} FROM community")
                database.execute(f"LOAD {name}")
            except SqlFailed as error:
                ctx.log("WARN", f"The extension `{name}` could not be loaded: {error}")


class Duckdb:
    """A connection."""

    mark = "$"

    def __init__(self, path: str, folder: Path, spill: Path, zone: str | None) -> None:
        with vendor("io.kestra.plugin.jdbc.duckdb.Query", "duckdb"):
            import duckdb
            import pytz  # type: ignore[import-untyped]  # noqa: F401  duckdb needs it to give instants
        with told():
            self._connection = duckdb.connect(path)
        self._extract = duckdb.extract_statements
        self._rows = duckdb.ExpectedResultType.QUERY_RESULT
        self.execute("SET file_search_path = $1", [str(folder)])
        self.execute("SET temp_directory = $1", [str(spill / "spill")])
        self.execute("SET TimeZone = $1", [zone or "UTC"])

    def is_whole(self, text: str) -> bool:
        """It always is."""
        return True

    def execute(self, sql: str, values: Sequence[object] = ()) -> Result | None:
        """Run a statement; its rows are fetched some thousand at a time."""
        if self._installs_built_in(sql):
            return None
        with told():
            kinds = [kind for statement in self._extract(sql) for kind in statement.expected_result_type]
            cursor = self._connection.execute(sql, [*values] or None)
            names = [column[0] for column in cursor.description or ()]
        is_count = kinds != [self._rows] and names == ["Count"]
        return Result(names, _rows(cursor)) if self._rows in kinds and not is_count else None

    def _installs_built_in(self, sql: str) -> bool:
        """Whether it installs an extension that is part of the library: that is done, but DuckDB would download it."""
        words = list(islice(words_of(sql), 3))
        if len(words) != 2 or words[0].upper() != "INSTALL":
            return False
        query = "SELECT 1 FROM duckdb_extensions() WHERE extension_name = $1 AND install_path = '(BUILT-IN)'"
        return self._connection.execute(query, [words[1].strip("'\"").lower()]).fetchone() is not None

    def execute_many(self, sql: str, rows: Iterable[Row]) -> int:
        """Run it for each row."""
        count = 0
        with told():
            for row in rows:
                changed = self._connection.execute(sql, [*row]).fetchone()
                count += changed[0] if changed else 0
        return count

    def insert(self, into: str, rows: Sequence[Row]) -> int:
        """Column by column where each has values of one type, which is much quicker than row by row."""
        columns = [[*column] for column in zip(*rows, strict=True)]
        marks = range(1, len(columns) + 1)
        if not all(map(_of_one_type, columns)):
            return self.execute_many(f"{into} VALUES ({', '.join(f'${mark}' for mark in marks)})", rows)
        return self.execute_many(f"{into} SELECT {', '.join(f'unnest(${mark})' for mark in marks)}", [columns])

    def begin(self) -> None:
        """Begin."""
        self.execute("BEGIN TRANSACTION")

    def commit(self) -> None:
        """Commit."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back."""
        self.execute("ROLLBACK")

    def cancel(self) -> None:
        """Interrupt what is running."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close."""
        self._connection.close()


@contextmanager
def told() -> Iterator[None]:
    """Errors of the library as `SqlFailed`."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise SqlFailed(str(error), transient=isinstance(error, duckdb.TransactionException)) from error


def _of_one_type(column: Iterable[object]) -> bool:
    """Whether a list of them has the type that each of them has by itself."""
    kinds = {_kind(value) for value in column if value is not None}
    return len(kinds) <= 1 and None not in kinds


def _kind(value: object) -> object:
    """What values have in common that do not change each other; None for maps, lists and what else is not known."""
    if isinstance(value, datetime):
        return value.tzinfo is None
    if isinstance(value, Decimal):
        return value.as_tuple().exponent
    return type(value) if type(value) in LISTED else None


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    with told():
        while piece := cursor.fetchmany(PIECE_ROWS):
            yield from piece
