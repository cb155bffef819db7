"""`io.kestra.plugin.jdbc.postgresql.CopyOut`."""

from __future__ import annotations

from typing import cast

from kapell.plugins.jdbc._jdbc import sql_text
from kapell.plugins.jdbc._statement import statements
from kapell.plugins.jdbc.postgresql._connection import Postgres, told
from kapell.plugins.jdbc.postgresql._copy import Copying
from kapell.sdk import Example, Expression, Output, RunContext, RunnableTask, TaskFailed, prop
from kapell.sdk.draft import draft, stored

EXTENSIONS = {"CSV": ".csv", "TEXT": ".tsv", "BINARY": ".bin"}


class CopyOutOutput(Output, frozen=True, kw_only=True):
    """The file, and how many rows it has."""

    uri: str
    row_count: int


class CopyOut(Copying, RunnableTask[CopyOutOutput]):
    """Copy a table of PostgreSQL, or what a query finds, into a file."""

    sql: Expression[str] | None = prop("The query, instead of a table.", default=None)

    examples = (
        Example(
            "What a query finds, as CSV",
            "url: jdbc:postgresql://db.example.com:5432/shop\nusername: shop\n"
            "password: \"{{ secret('DB_PASSWORD') }}\"\nsql: SELECT * FROM products WHERE price > 10\n"
            "format: CSV\nheader: true",
        ),
    )

    def run(self, ctx: RunContext) -> CopyOutOutput:
        """Write the file as it comes."""
        with self.session(ctx) as session, draft(ctx) as made:
            queries = statements(sql_text(ctx, self.sql, session)) if self.sql else []
            if len(queries) > 1 or not (queries or self.table):
                raise TaskFailed("Either one query (`sql`) or `table` must be given")
            what = f"({queries[0]})" if queries else str(self.table)
            connection = cast(Postgres, session.database).connection
            with told(), connection.cursor() as cursor:
                with cursor.copy(self.command(what, "TO STDOUT").encode()) as copy:
                    for piece in copy:
                        made.write(piece)
                count = cursor.rowcount
            uri = stored(ctx, made, EXTENSIONS[self.format])
        ctx.metric("rows", count)
        return CopyOutOutput(uri=uri, row_count=count)
