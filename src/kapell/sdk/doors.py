"""What a task may ask of the store: blocking calls, for the thread that the task runs in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kapell.model.log import Level, LogLine
from kapell.ports.kv import KvEntry


class KvDoor(Protocol):
    """The key-value store. A namespace must hold a flow or a key, in itself or below; else `KapellError` says so."""

    def get(self, namespace: str, key: str) -> KvEntry | None:
        """The entry of the namespace, or of the nearest above it that has the key; raises where it has expired."""
        ...

    def set(self, entry: KvEntry, *, overwrite: bool = True) -> None:
        """Store it as the key's next revision; raises where the key is no key or may not be overwritten."""
        ...

    def keys(self, namespace: str, prefix: str = "") -> list[str]:
        """The keys of the namespace that begin with `prefix` and have not expired, sorted."""
        ...

    def delete(self, namespace: str, key: str) -> bool:
        """Delete a key of the namespace; False where there is none."""
        ...

    def namespaces(self) -> list[str]:
        """The namespaces that hold anything, sorted."""
        ...

    def revisions(self, namespace: str) -> list[KvEntry]:
        """Every revision by key, the newest first, those that say deleted too."""
        ...

    def purge(self, entries: Sequence[KvEntry]) -> int:
        """Remove these revisions for good; returns how many there were."""
        ...


class LogDoor(Protocol):
    """The log lines of executions."""

    def read(self, execution_id: str, at_least: Level, limit: int) -> list[LogLine]:
        """The lines in the order of their instants, the first `limit` of them."""
        ...
