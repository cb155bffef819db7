"""`io.kestra.plugin.jdbc.duckdb.Queries`."""

from __future__ import annotations

from kapell.plugins.jdbc._query import QueriesTask
from kapell.plugins.jdbc.duckdb._connection import DuckdbJdbc
from kapell.sdk import Example


class Queries(DuckdbJdbc, QueriesTask):
    """Run several statements on DuckDB, in one transaction unless told otherwise."""

    examples = (
        Example(
            "A Parquet file of a CSV file",
            'inputFiles:\n  data.csv: "{{ outputs.download.uri }}"\noutputFiles:\n  - out.parquet\nsql: |\n'
            "  CREATE TABLE t AS SELECT * FROM read_csv_auto('data.csv');\n"
            "  COPY t TO '{{ outputFiles['out.parquet'] }}' (FORMAT parquet);",
        ),
    )
