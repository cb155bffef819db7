"""What a task may ask of the store: blocking calls, for the thread that the task runs in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from kapell.model.execution import Execution
from kapell.model.log import Level, LogLine
from kapell.ports.executions import FlowCount, Search
from kapell.ports.flows import StoredFlow
from kapell.ports.kv import KvEntry
from kapell.ports.logs import Chosen, Swept


class Parts(Struct, frozen=True, kw_only=True):
    """What of an execution is removed."""

    executions: bool = True
    logs: bool = True
    metrics: bool = True
    files: bool = True


ALL = Parts()


class Purged(Struct, frozen=True, kw_only=True):
    """What a batch has removed; `before` is for the search of the next one, None when this was the last."""

    executions: int
    logs: int
    metrics: int
    files: int
    before: str | None


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

    def purge_lines(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove up to `limit` chosen lines, from the first ones with ""; the answer says where to go on."""
        ...

    def purge_metrics(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """The same for metrics."""
        ...


class ExecutionDoor(Protocol):
    """The executions of all namespaces; acts on them raise `KapellError` with Kestra's sentence."""

    def get(self, id: str) -> Execution | None:
        """An execution as it is now; None where there is none."""
        ...

    def search(self, search: Search) -> list[Execution]:
        """A page of executions, the newest first."""
        ...

    def count(self, search: Search) -> list[FlowCount]:
        """How many are what `search` asks for, its page aside, by namespace and flow."""
        ...

    def resume(self, id: str, inputs: Mapping[str, object]) -> None:
        """Let one that is paused go on; `inputs` are what its Pause asks for."""
        ...

    def kill(self, id: str, cascade: bool) -> None:
        """End one now, with `cascade` also what it has started."""
        ...

    def purge(self, search: Search, parts: Parts) -> Purged:
        """Remove parts of a page of executions that have ended and rest."""
        ...

    def delete(self, id: str, parts: Parts) -> None:
        """Remove one that has ended and, of its parts, those that are named."""
        ...


class FlowDoor(Protocol):
    """The flows of all namespaces."""

    def all(self) -> list[StoredFlow]:
        """The latest revision of each, by namespace and id."""
        ...

    def revisions(self, namespace: str, id: str) -> list[StoredFlow]:
        """All revisions of a flow that are there, the newest first."""
        ...

    def purge(self, namespace: str, id: str, revisions: Sequence[int]) -> int:
        """Remove revisions for good; returns how many there were.

        The newest, the newest that is no draft, and those that executions run by which have not ended all stay.
        """
        ...
