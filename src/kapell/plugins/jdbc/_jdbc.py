"""What all tasks on databases share: where the database is, who asks, and values as tables and outputs hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, tzinfo
from decimal import Decimal

from kapell.plugins.jdbc._database import Result, Session, SqlFailed
from kapell.sdk import Expression, RunContext, TaskFailed, Templated, in_zone, parse_zone, prop
from kapell.sdk.prop import Properties

PLAIN = frozenset({str, int, bool, float, type(None), Decimal, bytes})
MASK = "******"


class Jdbc(Properties):
    """Works on a database."""

    url: Templated[str] = prop("The JDBC URL of the database.")
    username: Templated[str] | None = prop("Who asks.", default=None)
    password: Templated[str] | None = prop("The password.", default=None)
    time_zone_id: Templated[str] | None = prop(
        "The zone of the session, of instants in the results, and of those that have none.", default=None
    )

    def connected(self, ctx: RunContext) -> AbstractContextManager[Session]:
        """The database, open; raises `SqlFailed`."""
        raise NotImplementedError

    @contextmanager
    def session(self, ctx: RunContext) -> Iterator[Session]:
        """The database, until the task is asked to stop; what goes wrong is told without the password."""
        try:
            with self.connected(ctx) as session:
                ctx.on_cancel(session.database.cancel)
                yield session
        except (SqlFailed, TaskFailed) as error:
            raise TaskFailed(self._hidden(str(error))) from error

    def _hidden(self, text: str) -> str:
        return text.replace(self.password, MASK) if self.password else text

    def zone(self) -> tzinfo | None:
        """The zone that is asked for."""
        try:
            return parse_zone(self.time_zone_id) if self.time_zone_id else None
        except ValueError as error:
            raise TaskFailed(str(error)) from None


def sql_text(ctx: RunContext, sql: Expression[str], session: Session) -> str:
    """A property's SQL, in which the session's folder and files are known."""
    return sql.value(lambda value, _typed: ctx.render_text(str(value), session.known))


def maps(result: Result, zone: tzinfo | None) -> Iterator[Mapping[str, object]]:
    """The rows as maps by column, with instants in `zone`."""
    columns = [*result.columns]
    for row in result.rows:
        yield dict(zip(columns, [value if type(value) in PLAIN else _cell(value, zone) for value in row], strict=True))


def _cell(value: object, zone: tzinfo | None) -> object:
    if isinstance(value, datetime):
        return value if zone is None else in_zone(value if value.tzinfo else value.replace(tzinfo=zone), zone)
    if isinstance(value, Mapping):
        return {str(key): _cell(item, zone) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_cell(item, zone) for item in value]
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def output_row(row: Mapping[str, object]) -> Mapping[str, object]:
    """A row as outputs hold it."""
    return {name: output_value(value) for name, value in row.items()}


def output_value(value: object) -> object:
    """A value as outputs hold it: a decimal as a number if that is the same, else as text."""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return {key: output_value(item) for key, item in value.items()}
    return [output_value(item) for item in value] if isinstance(value, list) else value


def _number(value: Decimal) -> object:
    if not value.is_finite():
        return str(value)
    number = float(value)
    if value == value.to_integral_value() and value.as_tuple().exponent == 0:
        return int(value)
    return number if Decimal(repr(number)) == value else str(value)


@contextmanager
def transaction(session: Session, wanted: bool) -> Iterator[None]:
    """All or nothing, where that is wanted."""
    if not wanted:
        yield
        return
    database = session.database
    database.begin()
    try:
        yield
        database.commit()
    except BaseException:
        # A connection that is lost has rolled back by itself; the first error is the one to tell.
        with suppress(SqlFailed):
            database.rollback()
        raise
