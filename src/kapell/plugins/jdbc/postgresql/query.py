"""`io.kestra.plugin.jdbc.postgresql.Query`."""

from __future__ import annotations

from kapell.plugins.jdbc._query import QueryTask
from kapell.plugins.jdbc.postgresql._connection import PostgresJdbc
from kapell.sdk import Example


class Query(PostgresJdbc, QueryTask):
    """Run one statement on PostgreSQL; what it finds is stored as a table or given as outputs."""

    examples = (
        Example(
            "Rows as a table",
            "url: jdbc:postgresql://db.example.com:5432/shop\nusername: shop\n"
            "password: \"{{ secret('DB_PASSWORD') }}\"\nsql: SELECT * FROM orders WHERE day = :day\n"
            'parameters:\n  day: "{{ inputs.day }}"\nfetchType: STORE',
        ),
    )
