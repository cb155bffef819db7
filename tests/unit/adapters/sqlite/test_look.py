"""Looking at a file from outside, while it is open and when it is not."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import apsw
import pytest

from factories import created, execution
from kapell.adapters.sqlite.store import SqliteStore
from kapell.errors import StoreError
from kapell.model.explanation import Pending
from stores import with_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kapell.db"


NEW = created(execution())


async def make(store: SqliteStore) -> None:
    await store.executions.create([NEW])


async def look(path: Path) -> Pending | None:
    store = SqliteStore(path)
    await store.look()
    try:
        return await store.executions.pending(NEW.execution.id)
    finally:
        await store.close()


def test_what_is_committed_is_seen_while_another_has_the_file_open(path: Path) -> None:
    async def make_and_look(store: SqliteStore) -> None:
        await make(store)
        assert (found := await look(path)) is not None
        assert found.events == (NEW.event,)
        await store.executions.create([created()])

    with_store(path, make_and_look)


def test_a_file_that_nobody_has_open_is_seen_and_left_as_it_was(path: Path) -> None:
    with_store(path, make)
    before = path.read_bytes()
    assert asyncio.run(look(path)) is not None
    assert path.read_bytes() == before


def test_looking_keeps_nobody_out(path: Path) -> None:
    with_store(path, make)

    async def both() -> None:
        looking, working = SqliteStore(path), SqliteStore(path)
        await looking.look()
        await working.open()
        await working.executions.create([created()])
        await working.close()
        await looking.close()

    asyncio.run(both())


def test_who_looks_can_not_write(path: Path) -> None:
    with_store(path, make)

    async def write() -> None:
        store = SqliteStore(path)
        await store.look()
        try:
            await store.executions.create([created()])
        finally:
            await store.close()

    with pytest.raises(StoreError, match="is not open"):
        asyncio.run(write())


def test_where_there_is_no_file_none_is_made(path: Path) -> None:
    with pytest.raises(StoreError, match=f"there is no {path}"):
        asyncio.run(look(path))
    assert os.listdir(path.parent) == []


def test_a_file_of_another_schema_is_not_read(path: Path) -> None:
    with_store(path, make)
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", 99)
    connection.close()
    with pytest.raises(StoreError, match="has schema 99"):
        asyncio.run(look(path))
