"""Flows in memory: a list of revisions for each."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kapell.ports.flows import StoredFlow


def within(namespace: str, prefix: str | None) -> bool:
    """Whether a namespace is `prefix` or below it."""
    return prefix is None or namespace == prefix or namespace.startswith(f"{prefix}.")


def same(latest: StoredFlow, flow: StoredFlow) -> bool:
    """Whether saving `flow` after `latest` would change nothing."""
    return replace(flow, revision=latest.revision, updated=latest.updated) == latest


class MemoryFlows:
    """Every revision of every flow."""

    def __init__(self) -> None:
        self._flows: dict[tuple[str, str, str], list[StoredFlow]] = {}

    async def save(self, flow: StoredFlow) -> StoredFlow:
        """Store it as the next revision (1 for the first) and return it so; the latest's text changes nothing."""
        revisions = self._flows.setdefault((flow.tenant, flow.namespace, flow.id), [])
        if revisions and same(revisions[-1], flow):
            return revisions[-1]
        revisions.append(replace(flow, revision=revisions[-1].revision + 1 if revisions else 1))
        return revisions[-1]

    async def get(self, tenant: str, namespace: str, id: str, revision: int | None = None) -> StoredFlow | None:
        """That revision, or the latest that is no draft; None where there is none, or it says deleted."""
        revisions = self._flows.get((tenant, namespace, id), [])
        if revision is not None:
            return next((flow for flow in revisions if flow.revision == revision), None)
        latest = next((flow for flow in reversed(revisions) if not flow.draft), None)
        return None if latest is None or latest.deleted else latest

    async def list(self, tenant: str, namespace: str | None = None) -> Sequence[StoredFlow]:
        """The latest revision of each flow (of a namespace and those below), by namespace and id, undeleted."""
        keys = sorted(key for key in self._flows if key[0] == tenant and within(key[1], namespace))
        latest = [self._flows[key][-1] for key in keys]
        return [flow for flow in latest if not flow.deleted]

    async def any_in(self, tenant: str, namespace: str) -> bool:
        """Whether there is an undeleted flow in the namespace or below it."""
        return bool(await self.list(tenant, namespace))

    async def delete(self, tenant: str, namespace: str, id: str) -> bool:
        """Write a next revision that says deleted; False where there is no flow."""
        revisions = self._flows.get((tenant, namespace, id), [])
        if not revisions or revisions[-1].deleted:
            return False
        latest = revisions[-1]
        revisions.append(replace(latest, revision=latest.revision + 1, deleted=True, draft=False, updated=None))
        return True

    async def revisions(self, tenant: str, namespace: str, id: str) -> Sequence[StoredFlow]:
        """All revisions of a flow that are there, the newest first."""
        return list(reversed(self._flows.get((tenant, namespace, id), [])))

    async def purge(self, tenant: str, namespace: str, id: str, revisions: Sequence[int]) -> int:
        """Remove revisions for good, and never the newest; returns how many there were."""
        held = self._flows.get((tenant, namespace, id), [])
        gone = [flow for flow in held[:-1] if flow.revision in revisions]
        held[:] = [flow for flow in held if flow not in gone]
        return len(gone)
