"""Key-values in memory: a list of revisions for each key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from kapell.errors import Refused
from kapell.ports.kv import KvEntry, next_revision, refusal

Place = tuple[str, str, str]


class MemoryKv:
    """Every revision of every key."""

    def __init__(self) -> None:
        self._entries: dict[Place, list[KvEntry]] = {}

    async def set(self, entries: Sequence[KvEntry], now: datetime, *, overwrite: bool = True) -> list[KvEntry]:
        """Store each as its key's next revision, all of them or none, and return them so."""
        if not overwrite:
            for entry in entries:
                before = await self.get(entry.tenant, entry.namespace, entry.key)
                if before is not None and not before.expired(now):
                    raise Refused(refusal(entry.key))
        return [self._add(entry, now) for entry in entries]

    async def get(self, tenant: str, namespace: str, key: str) -> KvEntry | None:
        """The newest revision, an expired one too; None where there is none or it was deleted."""
        revisions = self._entries.get((tenant, namespace, key))
        return None if not revisions or revisions[-1].deleted else revisions[-1]

    async def newest(self, tenant: str, namespace: str, prefix: str = "") -> list[KvEntry]:
        """The newest revision of every key that begins with `prefix`, by key, expired ones too, deleted ones not."""
        newest = [self._entries[place][-1] for place in self._places(tenant, namespace) if place[2].startswith(prefix)]
        return [entry for entry in newest if not entry.deleted]

    async def delete(self, tenant: str, namespace: str, keys: Sequence[str], now: datetime) -> list[str]:
        """Write a next revision that says deleted for those of the keys that are there, and return them."""
        gone = []
        for key in keys:
            entry = await self.get(tenant, namespace, key)
            if entry is not None:
                self._add(replace(entry, value=None, deleted=True), now)
                gone.append(key)
        return gone

    async def namespaces(self, tenant: str) -> list[str]:
        """The namespaces that hold any revision, sorted."""
        return sorted({namespace for owner, namespace, _ in self._entries if owner == tenant})

    async def revisions(self, tenant: str, namespace: str) -> list[KvEntry]:
        """Every revision by key, the newest first, those that say deleted too."""
        return [entry for place in self._places(tenant, namespace) for entry in reversed(self._entries[place])]

    async def purge(self, entries: Sequence[KvEntry]) -> int:
        """Remove these revisions for good; returns how many there were."""
        return sum(self._remove(entry) for entry in entries)

    def _places(self, tenant: str, namespace: str) -> list[Place]:
        return sorted(place for place in self._entries if place[:2] == (tenant, namespace))

    def _add(self, entry: KvEntry, now: datetime) -> KvEntry:
        revisions = self._entries.setdefault((entry.tenant, entry.namespace, entry.key), [])
        revisions.append(next_revision(entry, revisions[-1] if revisions else None, now))
        return revisions[-1]

    def _remove(self, entry: KvEntry) -> int:
        place = (entry.tenant, entry.namespace, entry.key)
        held = self._entries.get(place, [])
        kept = [other for other in held if other.revision != entry.revision]
        if kept:
            self._entries[place] = kept
        else:
            self._entries.pop(place, None)
        return len(held) - len(kept)
