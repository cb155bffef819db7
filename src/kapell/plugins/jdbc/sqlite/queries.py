"""`io.kestra.plugin.jdbc.sqlite.Queries`."""

from __future__ import annotations

from kapell.plugins.jdbc._query import QueriesTask
from kapell.plugins.jdbc.sqlite._connection import SqliteJdbc
from kapell.sdk import Example


class Queries(SqliteJdbc, QueriesTask):
    """Run several statements on SQLite, in one transaction unless told otherwise."""

    examples = (
        Example(
            "A table filled and counted",
            "url: jdbc:sqlite:/data/shop.db\nsql: |\n  CREATE TABLE IF NOT EXISTS t (a INTEGER);\n"
            "  INSERT INTO t VALUES (1);\n  SELECT count(*) AS n FROM t;\nfetchType: FETCH",
        ),
    )
