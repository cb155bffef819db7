"""Key-values in SQLite: a row for each revision."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from kapell.adapters.sqlite.database import Database
from kapell.adapters.sqlite.query import Row, Session
from kapell.errors import Refused
from kapell.model.codec import decode, encode
from kapell.ports.kv import KvEntry, next_revision, refusal


class SqliteKv:
    """Every revision of every key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def set(self, entries: Sequence[KvEntry], now: datetime, *, overwrite: bool = True) -> list[KvEntry]:
        """Store each as its key's next revision, all of them or none, and return them so."""
        return await self._database.write(lambda session: _set(session, entries, now, overwrite))

    async def get(self, tenant: str, namespace: str, key: str) -> KvEntry | None:
        """The newest revision, an expired one too; None where there is none or it was deleted."""
        entry = await self._database.read(lambda session: _newest(session, tenant, namespace, key))
        return None if entry is None or entry.deleted else entry

    async def newest(self, tenant: str, namespace: str, prefix: str = "") -> list[KvEntry]:
        """The newest revision of every key that begins with `prefix`, by key, expired ones too, deleted ones not."""
        bodies = await self._database.read(lambda session: session.bodies("kv_latest", tenant, namespace, prefix))
        return [entry for entry in map(_entry, bodies) if not entry.deleted]

    async def delete(self, tenant: str, namespace: str, keys: Sequence[str], now: datetime) -> list[str]:
        """Write a next revision that says deleted for those of the keys that are there, and return them."""
        return await self._database.write(lambda session: _delete(session, tenant, namespace, keys, now))

    async def namespaces(self, tenant: str) -> list[str]:
        """The namespaces that hold any revision, sorted."""
        rows = await self._database.read(lambda session: session.rows("kv_namespaces", tenant))
        return [str(row[0]) for row in rows]

    async def revisions(self, tenant: str, namespace: str) -> list[KvEntry]:
        """Every revision by key, the newest first, those that say deleted too."""
        bodies = await self._database.read(lambda session: session.bodies("kv_revisions", tenant, namespace))
        return [_entry(body) for body in bodies]

    async def purge(self, entries: Sequence[KvEntry]) -> int:
        """Remove these revisions for good; returns how many there were."""
        return await self._database.write(lambda session: _purge(session, entries))


def _set(session: Session, entries: Sequence[KvEntry], now: datetime, overwrite: bool) -> list[KvEntry]:
    stored = []
    for entry in entries:
        before = _newest(session, entry.tenant, entry.namespace, entry.key)
        if not overwrite and before is not None and not before.deleted and not before.expired(now):
            raise Refused(refusal(entry.key))
        stored.append(_insert(session, next_revision(entry, before, now)))
    return stored


def _delete(session: Session, tenant: str, namespace: str, keys: Sequence[str], now: datetime) -> list[str]:
    gone = []
    for key in keys:
        before = _newest(session, tenant, namespace, key)
        if before is not None and not before.deleted:
            _insert(session, next_revision(replace(before, value=None, deleted=True), before, now))
            gone.append(key)
    return gone


def _purge(session: Session, entries: Sequence[KvEntry]) -> int:
    rows = [row for row in map(_place, entries) if session.value("kv_revision", *row) is not None]
    session.write("kv_remove", rows)
    return len(rows)


def _insert(session: Session, entry: KvEntry) -> KvEntry:
    session.write("kv_insert", [(*_place(entry), encode(entry))])
    return entry


def _place(entry: KvEntry) -> Row:
    return (entry.tenant, entry.namespace, entry.key, entry.revision)


def _newest(session: Session, tenant: str, namespace: str, key: str) -> KvEntry | None:
    body = session.body("kv_newest", tenant, namespace, key)
    return None if body is None else _entry(body)


def _entry(body: bytes) -> KvEntry:
    return decode(body, KvEntry)
