"""One suite of promises, run for every store: a test takes `store`, which is open while it runs."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kapell.adapters.memory.store import MemoryStore
from kapell.adapters.sqlite.store import SqliteStore
from kapell.ports.store import Store
from lease import SHARDS

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(shards=SHARDS),
    "sqlite": lambda folder: SqliteStore(folder / "kapell.db", shards=SHARDS),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return STORES[request.param](tmp_path)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    asyncio.run(_with_store(pyfuncitem.obj, arguments))
    return True


async def _with_store(test: Callable[..., Awaitable[None]], arguments: dict[str, object]) -> None:
    store = arguments["store"]
    await store.open()
    try:
        async with asyncio.timeout(10):
            await test(**arguments)
    finally:
        await store.close()
