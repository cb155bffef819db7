"""The doors of tasks to a store in memory, whose loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import factories
from attempts import NOWHERE
from kapell.adapters.files.local import LocalFiles
from kapell.adapters.memory.store import MemoryStore
from kapell.clock import ManualClock
from kapell.ports.files import Files
from kapell.services.doors import Acting, Doors, doors
from kapell.services.purge import Purger

T = TypeVar("T")


class Opened(NamedTuple):
    """A store that holds one flow, of the namespace that the factories use."""

    store: MemoryStore
    clock: ManualClock
    doors: Doors
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(5)


def no_acts() -> Acting:
    raise NotImplementedError


@contextmanager
def opened(files: Files | None = None) -> Iterator[Opened]:
    """Acts are not possible: these need an executor."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    store, clock = MemoryStore(), ManualClock(factories.NOW)
    try:
        flow = factories.stored_flow(namespace=factories.execution().namespace)
        asyncio.run_coroutine_threadsafe(store.flows.save(flow), loop).result(5)
        purger = Purger(store, files or LocalFiles(NOWHERE))
        yield Opened(store, clock, doors(store, clock, loop, purger, no_acts), loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
