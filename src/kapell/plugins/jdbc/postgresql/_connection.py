"""PostgreSQL through psycopg: how to connect, values both ways, results as the server sends them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from kapell.plugins.jdbc._database import Result, Row, Session, SqlFailed
from kapell.plugins.jdbc._folder import aside
from kapell.plugins.jdbc._jdbc import PLAIN, Jdbc
from kapell.plugins.jdbc.postgresql._url import connection_parameters
from kapell.sdk import RunContext, Templated, prop
from kapell.sdk.vendor import vendor

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

DEFAULT_FETCH = 10_000
LARGEST_FETCH = 10_000
INSERTED_ROWS = 100
MOST_PARAMETERS = 65_535
NO_ROWS = "didn't produce a result"


class PostgresJdbc(Jdbc):
    """Works on a PostgreSQL database."""

    url: Templated[str] = prop("`jdbc:postgresql://host:port/database`, with the properties of Java's driver after it.")
    ssl: Templated[bool] = prop("Whether the connection must be encrypted.", default=False)
    ssl_mode: Templated[Literal["DISABLE", "ALLOW", "PREFER", "REQUIRE", "VERIFY_CA", "VERIFY_FULL"]] | None = prop(
        "How it is encrypted and the server checked; with `ssl` alone it is VERIFY_FULL.", default=None
    )
    ssl_root_cert: Templated[str] | None = prop("The certificates to trust, as PEM.", default=None)
    ssl_cert: Templated[str] | None = prop("The own certificate, as PEM.", default=None)
    ssl_key: Templated[str] | None = prop("The key of the own certificate, as PEM.", default=None)
    ssl_key_password: Templated[str] | None = prop("The password of that key.", default=None)

    @contextmanager
    def connected(self, ctx: RunContext) -> Iterator[Session]:
        """A connection of its own."""
        with aside(ctx) as folder:
            database = Postgres(self.place(folder), self.time_zone_id or "UTC", self.rows_at_a_time())
        try:
            yield Session(database)
        finally:
            database.close()

    def rows_at_a_time(self) -> int:
        """How many rows the server sends before the next are asked for."""
        size = getattr(self, "fetch_size", DEFAULT_FETCH)
        return min(max(1, size), LARGEST_FETCH)

    def place(self, folder: Path) -> dict[str, str]:
        """How to connect, by libpq's names; certificates become files in `folder`."""
        given = {"user": self.username, "password": self.password, "sslpassword": self.ssl_key_password}
        parameters = {**connection_parameters(self.url), **{name: text for name, text in given.items() if text}}
        if self.ssl_mode or self.ssl:
            parameters["sslmode"] = (self.ssl_mode or "VERIFY_FULL").lower().replace("_", "-")
        for name, text in (("sslrootcert", self.ssl_root_cert), ("sslcert", self.ssl_cert), ("sslkey", self.ssl_key)):
            if text:
                file = folder / f"{name}.pem"
                file.touch(0o600)
                file.write_text(text, encoding="utf-8")
                parameters[name] = str(file)
        return parameters


class Postgres:
    """A connection."""

    mark = "$"

    def __init__(self, parameters: Mapping[str, str], zone: str, fetch_rows: int = DEFAULT_FETCH) -> None:
        with vendor("io.kestra.plugin.jdbc.postgresql.Query", "postgres"):
            import psycopg
        self._fetch_rows = fetch_rows
        self._no_rows = psycopg.ProgrammingError
        options = {"application_name": "kapell", "connect_timeout": "30", **parameters}
        with told():
            connect = cast("Callable[..., psycopg.Connection[Row]]", psycopg.connect)  # type: ignore[explicit-any]
            self.connection = connect(autocommit=True, cursor_factory=psycopg.RawCursor, **options)
            self.connection.execute("SELECT set_config('TimeZone', $1, false)", [zone])

    def is_whole(self, text: str) -> bool:
        """It is, but within the body of a function or procedure in standard SQL."""
        words = text.upper().rstrip(";").split()
        is_block = ("BEGIN", "ATOMIC") in pairwise(words)
        return not is_block or words[-1] == "END"

    def execute(self, sql: str, values: Sequence[object] = ()) -> Result | None:
        """Run a statement; its rows are read as the server sends them."""
        cursor = self.connection.cursor()
        with told():
            rows = cursor.stream(sql.encode(), [sent(value) for value in values], size=self._fetch_rows)
            try:
                first = next(rows, None)
            except self._no_rows as error:
                # The library's own complaint about a statement that is done and gives no rows.
                if error.sqlstate is None and NO_ROWS in str(error):
                    return None
                raise
        columns = [column.name for column in cursor.description or ()]
        return Result(columns, _told_rows(() if first is None else chain([first], rows)))

    def execute_many(self, sql: str, rows: Iterable[Row]) -> int:
        """Run it for each row, without waiting for each answer."""
        with told(), self.connection.cursor() as cursor:
            cursor.executemany(sql.encode(), [[sent(value) for value in row] for row in rows])
            return max(0, cursor.rowcount)

    def insert(self, into: str, rows: Sequence[Row]) -> int:
        """Some rows to a statement."""
        width = len(rows[0])
        at_once = max(1, min(INSERTED_ROWS, MOST_PARAMETERS // width))
        count = 0
        for at in range(0, len(rows), at_once):
            part = rows[at : at + at_once]
            places = (", ".join(f"${row * width + cell + 1}" for cell in range(width)) for row in range(len(part)))
            values = ", ".join(f"({place})" for place in places)
            count += self.execute_many(f"{into} VALUES {values}", [[*chain.from_iterable(part)]])
        return count

    def begin(self) -> None:
        """Begin."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """Commit."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """Roll back."""
        self.execute("ROLLBACK")

    def cancel(self) -> None:
        """Ask the server to break off."""
        with suppress(Exception):
            self.connection.cancel_safe(timeout=5)

    def close(self) -> None:
        """Close."""
        self.connection.close()


@contextmanager
def told() -> Iterator[None]:
    """Errors of the library as `SqlFailed`, in the server's words."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        detail = "\n".join(filter(None, (error.diag.message_detail, error.diag.message_hint)))
        text = "\n".join(filter(None, (error.diag.message_primary or str(error), detail)))
        raise SqlFailed(text, transient=isinstance(error, psycopg.OperationalError)) from error


def _told_rows(rows: Iterable[Row]) -> Iterator[Row]:
    with told():
        yield from rows


def sent(value: object) -> object:
    """A value as the library sends it: maps, and lists of them, as JSON."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(item, Mapping) for item in value)):
        from psycopg.types.json import Json

        return Json(value)
    return value
