"""`Batch` of every database: a statement for each row of a table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from itertools import chain, islice

from kapell.plugins.jdbc._database import Database, Row, SqlFailed
from kapell.plugins.jdbc._jdbc import Jdbc, transaction
from kapell.plugins.jdbc._statement import insert_into, insert_of_marks, with_marks
from kapell.sdk import Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import Counted, table


class BatchOutput(Output, frozen=True, kw_only=True):
    """How many rows were read, how many the database has changed; the database, where it is to be stored."""

    row_count: int
    updated_count: int
    database_uri: str | None = None


class BatchTask(Jdbc, RunnableTask[BatchOutput]):
    """Runs a statement for each row of a table."""

    source: Templated[str] = prop("Address of the table.", key="from")
    sql: Templated[str] | None = prop(
        "The statement, with a `?` for each column; without it the rows are inserted into `table`.", default=None
    )
    table: Templated[str] | None = prop("The table to insert into, where there is no `sql`.", default=None)
    columns: Templated[list[str]] | None = prop(
        "The columns to take, in this order; all of the first row if none is named.", default=None
    )
    chunk: Templated[int] = prop("How many rows are sent at a time.", default=1000, least=1)

    max_retries: Templated[int] = prop(
        "How often to begin again when the connection is lost or the database is busy.", default=3, least=0
    )
    retry_backoff: Templated[timedelta] = prop("How long to wait before.", default="PT1S")
    resume_on_retry: Templated[bool] = prop(
        "Deprecated and without effect: nothing stays of a batch that failed, so it always begins anew.", default=True
    )

    def run(self, ctx: RunContext) -> BatchOutput:
        """Send all, again and again where that may help."""
        stop = threading.Event()
        ctx.on_cancel(stop.set)
        for left in range(self.max_retries, -1, -1):
            try:
                return self._sent(ctx)
            except TaskFailed as failure:
                cause = failure.__cause__
                if not left or ctx.cancelled or not (isinstance(cause, SqlFailed) and cause.transient):
                    raise
                ctx.log("WARN", f"{failure} (it is tried again)")
                stop.wait(self.retry_backoff.total_seconds())
        raise AssertionError

    def _sent(self, ctx: RunContext) -> BatchOutput:
        """Send chunk after chunk, in one transaction."""
        rows = Counted(table(ctx, self.source))
        items = iter(rows)
        first = next(items, None)
        if first is None:
            return BatchOutput(row_count=0, updated_count=0)
        with self.session(ctx) as session:
            columns = self.columns or ([str(key) for key in first] if isinstance(first, Mapping) else None)
            send, width = self._sender(session.database, self._sql(columns))
            with transaction(session, wanted=True):
                updated = self._updated(send, _values(chain([first], items), columns, width))
            kept = session.finish()
        ctx.metric("records", rows.count)
        ctx.metric("updated", updated)
        return BatchOutput(row_count=rows.count, updated_count=updated, database_uri=kept.database_uri)

    def _sender(self, database: Database, sql: str) -> tuple[Callable[[list[Row]], int], int]:
        """What sends some rows, and how many values each of them has."""
        if insert := insert_of_marks(sql):
            return partial(database.insert, insert[0]), insert[1]
        marked, width = with_marks(sql, database.mark)
        return partial(database.execute_many, marked), width

    def _updated(self, send: Callable[[list[Row]], int], values: Iterator[Row]) -> int:
        updated = done = 0
        while chunk := [*islice(values, self.chunk)]:
            try:
                updated += send(chunk)
            except SqlFailed as error:
                where = f"Rows {done + 1} to {done + len(chunk)}: {error}"
                raise SqlFailed(where, transient=error.transient) from error
            done += len(chunk)
        return updated

    def _sql(self, columns: list[str] | None) -> str:
        if self.sql is not None:
            return self.sql
        if self.table is None or columns is None:
            raise TaskFailed("Either `sql` must be given, or `table` and rows (or `columns`) that name the columns")
        return insert_into(self.table, columns)


def _values(rows: Iterator[object], columns: list[str] | None, width: int) -> Iterator[Row]:
    for number, row in enumerate(rows, 1):
        if isinstance(row, Mapping) and columns is not None:
            values = [row.get(column) for column in columns]
        elif isinstance(row, list):
            values = row
        else:
            raise TaskFailed(f"Row {number} is neither a map nor a list: {row}")
        if len(values) != width:
            raise TaskFailed(f"Row {number} has {len(values)} values, the statement takes {width}")
        yield values
