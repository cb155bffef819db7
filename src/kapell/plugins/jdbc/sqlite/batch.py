"""`io.kestra.plugin.jdbc.sqlite.Batch`."""

from __future__ import annotations

from kapell.plugins.jdbc._batch import BatchTask
from kapell.plugins.jdbc.sqlite._connection import SqliteJdbc
from kapell.sdk import Example


class Batch(SqliteJdbc, BatchTask):
    """Run a statement on SQLite for each row of a table: all of them, or none."""

    examples = (
        Example(
            "All columns of the rows",
            'url: jdbc:sqlite:/data/shop.db\nfrom: "{{ outputs.query.uri }}"\ntable: products',
        ),
        Example(
            "Some columns, by a statement",
            'url: jdbc:sqlite:/data/shop.db\nfrom: "{{ outputs.query.uri }}"\n'
            "sql: UPDATE products SET price = ? WHERE id = ?\ncolumns:\n  - price\n  - id",
        ),
    )
