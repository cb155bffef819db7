"""`io.kestra.plugin.jdbc.duckdb.Query`."""

from __future__ import annotations

from kapell.plugins.jdbc._query import QueryTask
from kapell.plugins.jdbc.duckdb._connection import DuckdbJdbc
from kapell.sdk import Example


class Query(DuckdbJdbc, QueryTask):
    """Run one statement on DuckDB; what it finds is stored as a table or given as outputs."""

    examples = (
        Example(
            "SQL over a CSV file",
            'inputFiles:\n  data.csv: "{{ outputs.download.uri }}"\n'
            "sql: SELECT job, avg(salary) AS salary FROM read_csv_auto('data.csv') GROUP BY job\nfetchType: STORE",
        ),
    )
