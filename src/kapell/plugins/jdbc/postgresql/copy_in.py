"""`io.kestra.plugin.jdbc.postgresql.CopyIn`."""

from __future__ import annotations

from typing import cast

from kapell.plugins.jdbc.postgresql._connection import Postgres, told
from kapell.plugins.jdbc.postgresql._copy import Copying
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import opened

PIECE_BYTES = 1 << 17


class CopyInOutput(Output, frozen=True, kw_only=True):
    """How many rows were copied."""

    row_count: int


class CopyIn(Copying, RunnableTask[CopyInOutput]):
    """Copy a file into a table of PostgreSQL; all of it, or nothing."""

    source: Templated[str] = prop("Address of the file.", key="from")

    examples = (
        Example(
            "A CSV file",
            "url: jdbc:postgresql://db.example.com:5432/shop\nusername: shop\n"
            'password: "{{ secret(\'DB_PASSWORD\') }}"\nfrom: "{{ outputs.to_csv.uri }}"\n'
            "table: public.products\nformat: CSV\nheader: true",
        ),
    )

    def run(self, ctx: RunContext) -> CopyInOutput:
        """Send the file as it is."""
        if not self.table:
            raise TaskFailed("table: must not be empty")
        with self.session(ctx) as session, opened(ctx, self.source) as content:
            connection = cast(Postgres, session.database).connection
            with told(), connection.cursor() as cursor:
                with cursor.copy(self.command(self.table, "FROM STDIN").encode()) as copy:
                    while piece := content.read(PIECE_BYTES):
                        copy.write(piece)
                count = cursor.rowcount
        ctx.metric("rows", count)
        return CopyInOutput(row_count=count)
