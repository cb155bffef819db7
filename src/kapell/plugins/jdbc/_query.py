"""`Query` and `Queries` of every database: SQL in, rows out as outputs or as a stored table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kapell.plugins.jdbc._database import Result, Session, SqlFailed
from kapell.plugins.jdbc._jdbc import Jdbc, maps, output_row, sql_text, transaction
from kapell.plugins.jdbc._statement import statements, with_parameters
from kapell.sdk import Expression, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import store_table

FetchType = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]


@dataclass(frozen=True, slots=True)
class Found:
    """What one statement has found, in the way asked for."""

    row: Mapping[str, object] | None = None
    rows: Sequence[Mapping[str, object]] | None = None
    uri: str | None = None
    size: int | None = None

    def as_map(self) -> dict[str, object]:
        """What there is of it."""
        fields = {"row": self.row, "rows": self.rows, "uri": self.uri, "size": self.size}
        return {name: value for name, value in fields.items() if value is not None}


class QueryOutput(Output, frozen=True, kw_only=True):
    """What was found: the first row, all rows or the address of a table of them, and how many there are."""

    row: Mapping[str, object] | None = None
    rows: Sequence[Mapping[str, object]] | None = None
    uri: str | None = None
    size: int | None = None
    output_files: Mapping[str, str] | None = None
    database_uri: str | None = None


class QueriesOutput(Output, frozen=True, kw_only=True):
    """What was found, for each statement that finds something: `row`, `rows` or `uri`, and `size`."""

    outputs: Sequence[Mapping[str, object]]
    output_files: Mapping[str, str] | None = None
    database_uri: str | None = None


class Querying(Jdbc):
    """Runs SQL and fetches what it finds."""

    sql: Expression[str] = prop("The SQL.", filled=True)
    parameters: Templated[Mapping[str, object]] | None = prop(
        "Values for `:name` in the SQL; they are handed over beside it, whatever they hold.", default=None
    )
    fetch_type: Templated[FetchType] = prop(
        "Store the rows as a table, fetch all or the first of them into the outputs, or none.", default="NONE"
    )
    store: Templated[bool] = prop("Deprecated: `fetchType: STORE`.", default=False)
    fetch: Templated[bool] = prop("Deprecated: `fetchType: FETCH`.", default=False)
    fetch_one: Templated[bool] = prop("Deprecated: `fetchType: FETCH_ONE`.", default=False)
    fetch_size: Templated[int] = prop(
        "How many rows are fetched at a time, where the database sends them over a network.", default=10000
    )

    def wanted(self) -> FetchType:
        """How to fetch, said in the new way or in the old."""
        if self.fetch:
            return "FETCH"
        if self.fetch_one:
            return "FETCH_ONE"
        return "STORE" if self.store else self.fetch_type

    def found(self, ctx: RunContext, session: Session, texts: Sequence[str]) -> Iterator[Found]:
        """What each statement that gives rows finds; one that fails is named by its place."""
        for number, text in enumerate(texts, 1):
            if ctx.cancelled:
                raise TaskFailed("The task was asked to stop")
            sql, values = with_parameters(text, self.parameters or {}, session.database.mark)
            try:
                result = session.database.execute(sql, values)
                if result is not None:
                    yield self._fetched(ctx, result)
            except SqlFailed as error:
                place = f"Statement {number} of {len(texts)} failed: " if len(texts) > 1 else ""
                raise SqlFailed(f"{place}{error}") from error

    def _fetched(self, ctx: RunContext, result: Result) -> Found:
        rows = maps(result, self.zone())
        match self.wanted():
            case "STORE":
                uri, size = store_table(ctx, rows)
                return Found(uri=uri, size=size)
            case "FETCH":
                fetched = [output_row(row) for row in rows]
                return Found(rows=fetched, size=len(fetched))
            case "FETCH_ONE":
                first = next(rows, None)
                drain(result)
                return Found(size=0) if first is None else Found(row=output_row(first), size=1)
        drain(result)
        return Found()

    def counted(self, ctx: RunContext, outputs: Sequence[Found]) -> None:
        """Publish how many rows were fetched."""
        wanted = self.wanted()
        tags = {"fetch": str(wanted.startswith("FETCH")).lower(), "store": str(wanted == "STORE").lower()}
        ctx.metric("fetch.size", sum(found.size or 0 for found in outputs), tags=tags)


class QueryTask(Querying, RunnableTask[QueryOutput]):
    """Runs one statement."""

    after_sql: Expression[str] | None = prop(
        "SQL to run afterwards in the same transaction, such as one that marks the rows as read.",
        default=None,
        key="afterSQL",
    )

    def run(self, ctx: RunContext) -> QueryOutput:
        """Run it; of several statements, which are one transaction, the last that gives rows counts."""
        with self.session(ctx) as session:
            texts = statements(sql_text(ctx, self.sql, session), session.database.is_whole)
            after = statements(sql_text(ctx, self.after_sql, session)) if self.after_sql else []
            with transaction(session, wanted=len(texts) + len(after) > 1):
                outputs = [*self.found(ctx, session, texts)]
                for text in after:
                    drain(session.database.execute(text))
            self.counted(ctx, outputs[-1:])
            found, kept = outputs[-1] if outputs else Found(), session.finish()
        return QueryOutput(
            row=found.row,
            rows=found.rows,
            uri=found.uri,
            size=found.size,
            output_files=kept.output_files,
            database_uri=kept.database_uri,
        )


class QueriesTask(Querying, RunnableTask[QueriesOutput]):
    """Runs several statements."""

    transaction: Templated[bool] = prop(
        "Whether all statements are done or none; else each that was done stays done.", default=True
    )

    def run(self, ctx: RunContext) -> QueriesOutput:
        """Run them one after the other."""
        with self.session(ctx) as session:
            texts = statements(sql_text(ctx, self.sql, session), session.database.is_whole)
            try:
                with transaction(session, wanted=self.transaction):
                    outputs = [*self.found(ctx, session, texts)]
            except SqlFailed as error:
                kept = "all statements were rolled back" if self.transaction else "those before it stay done"
                raise SqlFailed(f"{error}\n({kept})" if len(texts) > 1 else str(error)) from error
            self.counted(ctx, outputs)
            kept_files = session.finish()
        return QueriesOutput(
            outputs=[found.as_map() for found in outputs],
            output_files=kept_files.output_files,
            database_uri=kept_files.database_uri,
        )


def drain(result: Result | None) -> None:
    """Read a result to its end."""
    for _ in result.rows if result is not None else ():
        pass
