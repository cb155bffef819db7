"""`io.kestra.plugin.jdbc.postgresql.Queries`."""

from __future__ import annotations

from kapell.plugins.jdbc._query import QueriesTask
from kapell.plugins.jdbc.postgresql._connection import PostgresJdbc
from kapell.sdk import Example


class Queries(PostgresJdbc, QueriesTask):
    """Run several statements on PostgreSQL, in one transaction unless told otherwise."""

    examples = (
        Example(
            "All or nothing",
            "url: jdbc:postgresql://db.example.com:5432/shop\nusername: shop\n"
            "password: \"{{ secret('DB_PASSWORD') }}\"\nsql: |\n  DELETE FROM totals;\n"
            "  INSERT INTO totals SELECT day, sum(total) FROM orders GROUP BY day;\n"
            "  SELECT count(*) AS days FROM totals;\nfetchType: FETCH_ONE",
        ),
    )
