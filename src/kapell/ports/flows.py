"""Flows at rest: every revision of each, with its text as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class StoredFlow(Struct, frozen=True, kw_only=True):
    """One revision; what it means is read from `source` by whoever needs it. `updated` is when it was saved."""

    namespace: str
    id: str
    revision: int
    source: str
    tenant: str = "main"
    disabled: bool = False
    draft: bool = False
    deleted: bool = False
    updated: datetime | None = None


class Flows(Protocol):
    """The store of flows. A revision never changes once it is there."""

    async def save(self, flow: StoredFlow) -> StoredFlow:
        """Store it as the next revision (1 for the first) and return it so; the latest's text changes nothing."""
        ...

    async def get(self, tenant: str, namespace: str, id: str, revision: int | None = None) -> StoredFlow | None:
        """That revision, or the latest that is neither draft nor deleted; None where there is none."""
        ...

    async def list(self, tenant: str, namespace: str | None = None) -> Sequence[StoredFlow]:
        """The latest revision of each flow (of a namespace and those below), by namespace and id, undeleted."""
        ...

    async def any_in(self, tenant: str, namespace: str) -> bool:
        """Whether there is an undeleted flow in the namespace or below it."""
        ...

    async def delete(self, tenant: str, namespace: str, id: str) -> bool:
        """Write a next revision that says deleted; False where there is no flow."""
        ...

    async def revisions(self, tenant: str, namespace: str, id: str) -> Sequence[StoredFlow]:
        """All revisions of a flow that are there, the newest first."""
        ...

    async def purge(self, tenant: str, namespace: str, id: str, revisions: Sequence[int]) -> int:
        """Remove revisions for good, and never the newest; returns how many there were."""
        ...
