"""The doors of running tasks to the store: calls from their threads, carried over to the loop and waited for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from msgspec.structs import replace

from kapell.clock import Clock
from kapell.errors import KapellError
from kapell.model.execution import MAIN, Execution
from kapell.model.log import Level, LogLine
from kapell.model.state import State
from kapell.ports.executions import FlowCount, Search
from kapell.ports.flows import StoredFlow
from kapell.ports.kv import KvEntry
from kapell.ports.logs import Chosen, Swept
from kapell.ports.store import Store
from kapell.sdk.doors import ExecutionDoor, FlowDoor, KvDoor, LogDoor, Parts, Purged
from kapell.services.purge import Purger
from kapell.services.scope import Lookup, nobody

T = TypeVar("T")
SECONDS = 30
PURGE_SECONDS = 3600
"""How long a batch may take: one execution may have very many files."""
PAGE = 1000
LIVE = tuple(state for state in State if not state.ended)
_KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]*")


class Acting(Protocol):
    """What a task may do to executions."""

    async def resume(self, id: str, given: Mapping[str, object]) -> None:
        """Go on."""
        ...

    async def kill(self, id: str, cascade: bool = True) -> None:
        """End it now."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """All of them; each may be used from any thread but the loop's own."""

    kv: KvDoor
    logs: LogDoor
    executions: ExecutionDoor
    flows: FlowDoor
    execution: Lookup = nobody


class Crossing:
    """Runs a coroutine on the loop for a thread that waits for it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __call__(self, work: Coroutine[None, None, T], seconds: int = SECONDS) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)


def doors(
    store: Store, clock: Clock, loop: asyncio.AbstractEventLoop, purger: Purger, acts: Callable[[], Acting]
) -> Doors:
    """The doors to `store`, whose ports live on `loop`; `acts` is asked for when the first act comes."""
    wait = Crossing(loop)
    return Doors(
        kv=KeyValues(store, clock, wait),
        logs=LogBook(store, wait),
        executions=Runs(store, purger, acts, wait),
        flows=FlowBook(store, wait),
        execution=lambda id: wait(store.executions.get(id)),
    )


class LogBook:
    """A `LogDoor` over the store."""

    def __init__(self, store: Store, wait: Crossing) -> None:
        self._store = store
        self._wait = wait

    def read(self, execution_id: str, at_least: Level, limit: int) -> list[LogLine]:
        """The lines in the order of their instants, the first `limit` of them."""
        return self._wait(self._store.logs.read(execution_id, at_least=at_least, limit=limit))

    def purge_lines(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove up to `limit` chosen lines."""
        return self._wait(self._store.logs.purge_lines(chosen, after, limit))

    def purge_metrics(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove up to `limit` chosen metrics."""
        return self._wait(self._store.logs.purge_metrics(chosen, after, limit))


class Runs:
    """An `ExecutionDoor` over the store."""

    def __init__(self, store: Store, purger: Purger, acts: Callable[[], Acting], wait: Crossing) -> None:
        self._store = store
        self._purger = purger
        self._acts = acts
        self._wait = wait

    def get(self, id: str) -> Execution | None:
        """An execution as it is now; None where there is none."""
        return self._wait(self._store.executions.get(id))

    def search(self, search: Search) -> list[Execution]:
        """A page of executions, the newest first."""
        return self._wait(self._store.executions.search(search))

    def count(self, search: Search) -> list[FlowCount]:
        """How many are what `search` asks for, by namespace and flow."""
        return self._wait(self._store.executions.count(search))

    def resume(self, id: str, inputs: Mapping[str, object]) -> None:
        """Let one that is paused go on."""
        self._wait(self._acts().resume(id, inputs))

    def kill(self, id: str, cascade: bool) -> None:
        """End one now, with `cascade` also what it has started."""
        self._wait(self._acts().kill(id, cascade))

    def purge(self, search: Search, parts: Parts) -> Purged:
        """Remove parts of a page of executions that have ended and rest."""
        return self._wait(self._purger.batch(replace(search, settled=True), parts), PURGE_SECONDS)

    def delete(self, id: str, parts: Parts) -> None:
        """Remove one that has ended and, of its parts, those that are named."""
        self._wait(self._purger.delete(id, parts), PURGE_SECONDS)


class FlowBook:
    """A `FlowDoor` over the store."""

    def __init__(self, store: Store, wait: Crossing) -> None:
        self._store = store
        self._wait = wait

    def all(self) -> list[StoredFlow]:
        """The latest revision of each, by namespace and id."""
        return list(self._wait(self._store.flows.list(MAIN)))

    def revisions(self, namespace: str, id: str) -> list[StoredFlow]:
        """All revisions of a flow that are there, the newest first."""
        return list(self._wait(self._store.flows.revisions(MAIN, namespace, id)))

    def purge(self, namespace: str, id: str, revisions: Sequence[int]) -> int:
        """Remove revisions for good, except those that are needed."""
        return self._wait(self._purge(namespace, id, revisions))

    async def _purge(self, namespace: str, id: str, revisions: Sequence[int]) -> int:
        latest = await self._store.flows.get(MAIN, namespace, id)
        needed = {latest.revision} if latest is not None else set()
        search = Search(namespace=namespace, flow_id=id, states=LIVE, loops=True, limit=PAGE)
        while page := await self._store.executions.search(search):
            needed |= {execution.revision for execution in page}
            search = replace(search, before=page[-1].id)
        gone = [number for number in revisions if number not in needed]
        return await self._store.flows.purge(MAIN, namespace, id, gone)


class KeyValues:
    """A `KvDoor` over the store."""

    def __init__(self, store: Store, clock: Clock, wait: Crossing) -> None:
        self._store = store
        self._clock = clock
        self._wait = wait

    def get(self, namespace: str, key: str) -> KvEntry | None:
        """The entry of the namespace, or of the nearest above it that has the key; raises where it has expired."""
        return self._wait(self._get(namespace, checked(key)))

    def set(self, entry: KvEntry, *, overwrite: bool = True) -> None:
        """Store it as the key's next revision; raises where the key is no key or may not be overwritten."""
        checked(entry.key)
        self._wait(self._set(entry, overwrite))

    def keys(self, namespace: str, prefix: str = "") -> list[str]:
        """The keys of the namespace that begin with `prefix` and have not expired, sorted."""
        return self._wait(self._keys(namespace, prefix))

    def delete(self, namespace: str, key: str) -> bool:
        """Delete a key of the namespace; False where there is none."""
        return self._wait(self._delete(namespace, checked(key)))

    def namespaces(self) -> list[str]:
        """The namespaces that hold anything, sorted."""
        return self._wait(self._store.kv.namespaces(MAIN))

    def revisions(self, namespace: str) -> list[KvEntry]:
        """Every revision by key, the newest first, those that say deleted too."""
        return self._wait(self._store.kv.revisions(MAIN, namespace))

    def purge(self, entries: Sequence[KvEntry]) -> int:
        """Remove these revisions for good; returns how many there were."""
        return self._wait(self._store.kv.purge(entries))

    async def _get(self, namespace: str, key: str) -> KvEntry | None:
        for place in upwards(namespace):
            entry = await self._store.kv.get(MAIN, place, key)
            if entry is not None and entry.expired(self._clock.now()):
                raise KapellError("The requested value has expired")
            if entry is not None:
                return entry
        await self._must_exist(namespace)
        return None

    async def _set(self, entry: KvEntry, overwrite: bool) -> None:
        await self._must_exist(entry.namespace)
        await self._store.kv.set([entry], self._clock.now(), overwrite=overwrite)

    async def _keys(self, namespace: str, prefix: str) -> list[str]:
        await self._must_exist(namespace)
        now = self._clock.now()
        found = await self._store.kv.newest(MAIN, namespace, prefix)
        return [entry.key for entry in found if not entry.expired(now)]

    async def _delete(self, namespace: str, key: str) -> bool:
        await self._must_exist(namespace)
        return bool(await self._store.kv.delete(MAIN, namespace, [key], self._clock.now()))

    async def _must_exist(self, namespace: str) -> None:
        known = await self._store.flows.any_in(MAIN, namespace) or await self._store.kv.newest(MAIN, namespace)
        if not known:
            raise KapellError(f"Cannot access the KV store. The namespace '{namespace}' does not exist.")


def upwards(namespace: str) -> Iterator[str]:
    """A namespace and those above it, the nearest first."""
    while namespace:
        yield namespace
        namespace = namespace.rpartition(".")[0]


def checked(key: str) -> str:
    """The key, if it is one; raises with Kestra's sentence."""
    if not key:
        raise KapellError("Key cannot be null or empty")
    if not _KEY.fullmatch(key):
        raise KapellError(
            "Key must start with an alphanumeric character (uppercase or lowercase) and can contain alphanumeric "
            "characters (uppercase or lowercase), dots (.), underscores (_), and hyphens (-) only."
        )
    return key
