"""Flows in SQLite: a row for each revision."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kapell.adapters.memory.flows import same
from kapell.adapters.sqlite.database import Database
from kapell.adapters.sqlite.query import Session
from kapell.model.codec import decode, encode
from kapell.ports.flows import StoredFlow


class SqliteFlows:
    """Every revision of every flow."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, flow: StoredFlow) -> StoredFlow:
        """Store it as the next revision (1 for the first) and return it so; the latest's text changes nothing."""
        return await self._database.write(lambda session: _save(session, flow))

    async def get(self, tenant: str, namespace: str, id: str, revision: int | None = None) -> StoredFlow | None:
        """That revision, or the latest that is no draft; None where there is none, or it says deleted."""
        key = (tenant, namespace, id)
        if revision is not None:
            return _flow(await self._database.read(lambda session: session.body("revision", *key, revision)))
        latest = _flow(await self._database.read(lambda session: session.body("newest_not_draft", *key)))
        return None if latest is None or latest.deleted else latest

    async def list(self, tenant: str, namespace: str | None = None) -> Sequence[StoredFlow]:
        """The latest revision of each flow (of a namespace and those below), by namespace and id, undeleted."""
        bodies = await self._database.read(lambda session: session.bodies("list", tenant, namespace))
        return [decode(body, StoredFlow) for body in bodies]

    async def any_in(self, tenant: str, namespace: str) -> bool:
        """Whether there is an undeleted flow in the namespace or below it."""
        found = await self._database.read(lambda session: session.value("any_flow_in", tenant, namespace))
        return found is not None

    async def delete(self, tenant: str, namespace: str, id: str) -> bool:
        """Write a next revision that says deleted; False where there is no flow."""
        return await self._database.write(lambda session: _delete(session, tenant, namespace, id))

    async def revisions(self, tenant: str, namespace: str, id: str) -> Sequence[StoredFlow]:
        """All revisions of a flow that are there, the newest first."""
        bodies = await self._database.read(lambda session: session.bodies("revisions", tenant, namespace, id))
        return [decode(body, StoredFlow) for body in bodies]

    async def purge(self, tenant: str, namespace: str, id: str, revisions: Sequence[int]) -> int:
        """Remove revisions for good, and never the newest; returns how many there were."""
        numbers = encode(list(revisions)).decode()

        def work(session: Session) -> int:
            session.rows("purge_flows", tenant, namespace, id, numbers)
            return session.connection.changes()

        return await self._database.write(work)


def _save(session: Session, flow: StoredFlow) -> StoredFlow:
    latest = _flow(session.body("newest", flow.tenant, flow.namespace, flow.id))
    if latest is not None and same(latest, flow):
        return latest
    return _insert(session, replace(flow, revision=1 if latest is None else latest.revision + 1))


def _delete(session: Session, tenant: str, namespace: str, id: str) -> bool:
    latest = _flow(session.body("newest", tenant, namespace, id))
    if latest is None or latest.deleted:
        return False
    _insert(session, replace(latest, revision=latest.revision + 1, deleted=True, draft=False, updated=None))
    return True


def _insert(session: Session, flow: StoredFlow) -> StoredFlow:
    row = (flow.tenant, flow.namespace, flow.id, flow.revision, flow.deleted, flow.draft, encode(flow))
    session.write("insert_flow", [row])
    return flow


def _flow(body: bytes | None) -> StoredFlow | None:
    return None if body is None else decode(body, StoredFlow)
