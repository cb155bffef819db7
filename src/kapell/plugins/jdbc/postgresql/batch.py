"""`io.kestra.plugin.jdbc.postgresql.Batch`."""

from __future__ import annotations

from kapell.plugins.jdbc._batch import BatchTask
from kapell.plugins.jdbc.postgresql._connection import PostgresJdbc
from kapell.sdk import Example


class Batch(PostgresJdbc, BatchTask):
    """Run a statement on PostgreSQL for each row of a table: all of them, or none."""

    examples = (
        Example(
            "All columns of the rows",
            'url: jdbc:postgresql://db.example.com:5432/shop\nfrom: "{{ outputs.query.uri }}"\ntable: products',
        ),
        Example(
            "Some columns, by a statement",
            'url: jdbc:postgresql://db.example.com:5432/shop\nfrom: "{{ outputs.query.uri }}"\n'
            "sql: UPDATE products SET price = ? WHERE id = ?\ncolumns:\n  - price\n  - id",
        ),
    )
