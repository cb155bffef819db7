"""The doors of tasks to a store in memory, whose loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import factories
from kapell.adapters.memory.store import MemoryStore
from kapell.clock import ManualClock
from kapell.services.doors import Doors, doors


class Opened(NamedTuple):
    """A store that holds one flow, of the namespace that the factories use."""

    store: MemoryStore
    clock: ManualClock
    doors: Doors
    loop: asyncio.AbstractEventLoop


@contextmanager
def opened() -> Iterator[Opened]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    store, clock = MemoryStore(), ManualClock(factories.NOW)
    try:
        flow = factories.stored_flow(namespace=factories.execution().namespace)
        asyncio.run_coroutine_threadsafe(store.flows.save(flow), loop).result(5)
        yield Opened(store, clock, doors(store, clock, loop), loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
