"""`io.kestra.plugin.jdbc.duckdb.Batch`."""

from __future__ import annotations

from kapell.plugins.jdbc._batch import BatchTask
from kapell.plugins.jdbc.duckdb._connection import DuckdbJdbc
from kapell.sdk import Example


class Batch(DuckdbJdbc, BatchTask):
    """Run a statement on DuckDB for each row of a table: all of them, or none."""

    examples = (
        Example(
            "All columns of the rows",
            'url: jdbc:duckdb:/data/shop.duckdb\nfrom: "{{ outputs.query.uri }}"\ntable: products',
        ),
        Example(
            "Some columns, by a statement",
            'url: jdbc:duckdb:/data/shop.duckdb\nfrom: "{{ outputs.query.uri }}"\n'
            "sql: UPDATE products SET price = ? WHERE id = ?\ncolumns:\n  - price\n  - id",
        ),
    )
