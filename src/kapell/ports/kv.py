"""The key-value store: typed values by namespace and key, each write a revision of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class KvType(StrEnum):
    """What a value is. `DATETIME`, `DATE` and `DURATION` are held as ISO 8601 text, `JSON` is a list or map."""

    STRING = "STRING"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATETIME = "DATETIME"
    DATE = "DATE"
    DURATION = "DURATION"
    JSON = "JSON"


class KvEntry(Struct, frozen=True, kw_only=True):
    """One revision of a key, counted from 1. The store gives `revision`, `created` (of the first) and `updated`."""

    namespace: str
    key: str
    type: KvType
    value: object
    revision: int = 0
    created: datetime | None = None
    updated: datetime | None = None
    expires: datetime | None = None
    description: str | None = None
    tenant: str = "main"
    deleted: bool = False

    def expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.expires is not None and self.expires <= now


class Kv(Protocol):
    """The store of key-values. An expired entry stays until it is overwritten, deleted or purged."""

    async def set(self, entries: Sequence[KvEntry], now: datetime, *, overwrite: bool = True) -> list[KvEntry]:
        """Store each as its key's next revision, all of them or none, and return them so.

        Without `overwrite`, raises `Refused` where one of the keys has a value that is not expired.
        """
        ...

    async def get(self, tenant: str, namespace: str, key: str) -> KvEntry | None:
        """The newest revision, an expired one too; None where there is none or it was deleted."""
        ...

    async def newest(self, tenant: str, namespace: str, prefix: str = "") -> list[KvEntry]:
        """The newest revision of every key that begins with `prefix`, by key, expired ones too, deleted ones not."""
        ...

    async def delete(self, tenant: str, namespace: str, keys: Sequence[str], now: datetime) -> list[str]:
        """Write a next revision that says deleted for those of the keys that are there, and return them."""
        ...

    async def namespaces(self, tenant: str) -> list[str]:
        """The namespaces that hold any revision, sorted."""
        ...

    async def revisions(self, tenant: str, namespace: str) -> list[KvEntry]:
        """Every revision by key, the newest first, those that say deleted too."""
        ...

    async def purge(self, entries: Sequence[KvEntry]) -> int:
        """Remove these revisions for good; returns how many there were."""
        ...


def next_revision(entry: KvEntry, before: KvEntry | None, now: datetime) -> KvEntry:
    """`entry` as it follows `before`: a key that was deleted begins anew, but its revisions go on counting."""
    fresh = before is None or before.deleted
    return KvEntry(
        namespace=entry.namespace,
        key=entry.key,
        type=entry.type,
        value=entry.value,
        revision=1 if before is None else before.revision + 1,
        created=now if fresh or before is None else before.created,
        updated=now,
        expires=entry.expires,
        description=entry.description,
        tenant=entry.tenant,
        deleted=entry.deleted,
    )


def refusal(key: str) -> str:
    """Kestra's sentence for a key that may not be overwritten."""
    return f"Cannot set value for key '{key}'. Key already exists and `overwrite` is set to `false`."
