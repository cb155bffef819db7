"""Opening a SQLite store in a test that has no loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from kapell.adapters.sqlite.store import SqliteStore

T = TypeVar("T")


def with_store(path: Path, act: Callable[[SqliteStore], Awaitable[T]], *, shards: int = 1, seconds: float = 20) -> T:
    """Open the store, do something with it, close it."""

    async def whole() -> T:
        store = SqliteStore(path, shards=shards)
        await store.open()
        try:
            async with asyncio.timeout(seconds):
                return await act(store)
        finally:
            await store.close()

    return asyncio.run(whole())
