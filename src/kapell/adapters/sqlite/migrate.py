"""Bring a file to the present schema: numbered scripts, forward only, under the write lock."""

from __future__ import annotations

from importlib.resources import files

import apsw

from kapell.errors import StoreError

APPLICATION = 0x6B61706C
"""`kapl`: tells a file of ours from other SQLite files."""

RETENTION = {
    "executions": "until purged or deleted",
    "task_runs": "with its execution",
    "outputs": "with its execution",
    "journal": "with its execution",
    "timers": "until a step drops it, at most as long as its execution",
    "jobs": "until its TaskFinished is absorbed, at most as long as its execution",
    "inbox": "until a commit absorbs it, at most as long as its execution",
    "logs": "with its execution, or until purged",
    "metrics": "with its execution, or until purged",
    "idempotency": "with its execution",
    "windows": "for ever: one for each gate of a trigger through which anything ever came",
    "kv": "until purged, a key's old and deleted revisions too",
    "flows": "until purged, and the newest revision for ever",
    "shards": "for ever: as many rows as shards",
    "settings": "for ever: a row for each setting",
}
"""How long the rows of each table stay. Those with an `execution_id` go when the execution is deleted."""


def migrate(connection: apsw.Connection) -> None:
    """Run the scripts that the file has not seen, in one transaction; raises `StoreError` when it is newer than we."""
    scripts = _scripts()
    connection.execute("BEGIN IMMEDIATE")
    try:
        present = _version(connection)
        if present > len(scripts):
            raise StoreError(
                f"the file has schema {present} and this version of kapell knows {len(scripts)}: a newer one is needed"
            )
        for number in range(present, len(scripts)):
            connection.execute(scripts[number]).fetchall()
        if present < len(scripts):
            connection.pragma("user_version", len(scripts))
            connection.pragma("application_id", APPLICATION)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def check_schema(connection: apsw.Connection) -> None:
    """Raise `StoreError` unless the file has the present schema: who only reads can't bring it there."""
    present, known = _version(connection), len(_scripts())
    if present != known:
        raise StoreError(f"the file has schema {present} and this version of kapell reads {known}")


def _version(connection: apsw.Connection) -> int:
    """The schema of the file, 0 for an empty one; refuses a file that others made."""
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if tables and connection.pragma("application_id") != APPLICATION:
        raise StoreError("the file is a database of something else")
    return int(str(connection.pragma("user_version")))


def _scripts() -> list[str]:
    found = sorted((files(__package__) / "migrations").iterdir(), key=lambda file: file.name)
    return [file.read_text(encoding="utf-8") for file in found if file.name.endswith(".sql")]
