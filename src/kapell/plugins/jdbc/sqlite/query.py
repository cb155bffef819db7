"""`io.kestra.plugin.jdbc.sqlite.Query`."""

from __future__ import annotations

from kapell.plugins.jdbc._query import QueryTask
from kapell.plugins.jdbc.sqlite._connection import SqliteJdbc
from kapell.sdk import Example


class Query(SqliteJdbc, QueryTask):
    """Run one statement on SQLite; what it finds is stored as a table or given as outputs."""

    examples = (
        Example("Rows of a file", "url: jdbc:sqlite:/data/shop.db\nsql: SELECT * FROM products\nfetchType: STORE"),
        Example(
            "A database from another task, changed and kept",
            'sqliteFile: "{{ outputs.download.uri }}"\nsql: DELETE FROM orders WHERE id = :id\n'
            'parameters:\n  id: "{{ inputs.id }}"\noutputDbFile: true',
        ),
    )
