"""The file: who may open it, and what is in it after a restart."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from factories import MINUTE, NOW, created, execution, job, kill_asked, step, stored_flow, task_run, timer
from kapell.adapters.sqlite.migrate import APPLICATION
from kapell.adapters.sqlite.store import SqliteStore
from kapell.errors import StoreError
from kapell.model.state import State
from kapell.ports.executions import Loaded, Received
from lease import all_shards
from stores import with_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "kapell.db"


async def nothing(store: SqliteStore) -> None:
    pass


def test_everything_is_there_after_a_restart(path: Path) -> None:
    new, waiting = created(key="k", digest="d"), created()
    run = task_run(new.execution)
    first = step(
        new.execution, new.event, to=State.RUNNING, runs=(run,), jobs=(job(run),), timers=(timer(new.execution),)
    )

    async def before(store: SqliteStore) -> list[Received]:
        await store.executions.create([new, waiting])
        await store.executions.apply([first], lease := await all_shards(store))
        await store.executions.send([kill_asked(new.execution)])
        await store.flows.save(stored_flow())
        return await store.executions.inbox(lease, 0, 10)

    async def after(store: SqliteStore) -> None:
        lease = await store.shards.acquire("two", NOW + 2 * MINUTE, MINUTE, 1)
        assert lease.epochs == {0: 2}
        assert await store.executions.inbox(lease, 0, 10) == received
        assert await store.executions.unfinished(lease, None, 10) == [new.execution.id, waiting.execution.id]
        loaded = await store.executions.load(new.execution.id)
        assert loaded == Loaded(execution=first.execution, runs=(run,), jobs=(job(run),))
        assert await store.executions.timers(lease, NOW + MINUTE, 10) == list(first.timers)
        assert await store.executions.create([created(key="k", digest="d")]) == [new.execution.id]
        assert await store.flows.get("main", "company.team", "hello") == stored_flow()
        await store.executions.wake(lease)

    received = with_store(path, before)
    assert len(received) == 2
    with_store(path, after)


def test_a_position_is_not_given_again_after_a_restart(path: Path) -> None:
    new = created()

    async def absorb(store: SqliteStore) -> int:
        await store.executions.create([new])
        lease = await all_shards(store)
        [received] = await store.executions.inbox(lease, 0, 10)
        await store.executions.apply([step(new.execution, new.event)], lease)
        return received.position

    async def send(store: SqliteStore) -> int:
        await store.executions.send([kill_asked(new.execution)])
        [received] = await store.executions.inbox(await all_shards(store), 0, 10)
        return received.position

    assert with_store(path, absorb) < with_store(path, send)


def test_a_second_store_on_the_same_file_is_told_who_has_it(path: Path) -> None:
    async def open_again(store: SqliteStore) -> None:
        with pytest.raises(StoreError, match=f"in use by process {os.getpid()}"):
            await SqliteStore(path).open()

    with_store(path, open_again)
    with_store(path, nothing)


def test_another_process_is_told_who_has_it(path: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from kapell.adapters.sqlite.store import SqliteStore\n"
        "asyncio.run(SqliteStore(pathlib.Path(sys.argv[1])).open())\n"
    )

    async def open_elsewhere(store: SqliteStore) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", script, str(path)]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    ended = with_store(path, open_elsewhere)
    assert ended.returncode != 0
    assert f"StoreError: {path} is in use by process {os.getpid()}" in ended.stderr


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    with_store(path, nothing)
    with apsw.Connection(str(path)) as connection:
        connection.pragma("user_version", 999)
    connection.close()
    for _ in range(2):
        with pytest.raises(StoreError, match="has schema 999"):
            with_store(path, nothing)


def test_a_database_of_something_else_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(StoreError, match="of something else"):
        with_store(path, nothing)
    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    assert connection.pragma("application_id") != APPLICATION
    connection.close()


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else, and long enough to be read as a header" * 99)
    with pytest.raises(StoreError, match="can not be used"):
        with_store(path, nothing)


def test_a_folder_that_can_not_be_made_is_refused(path: Path) -> None:
    path.parent.write_text("a file")
    with pytest.raises(StoreError, match="can not be used"):
        with_store(path, nothing)


def test_the_number_of_shards_stays_as_the_file_was_made(path: Path) -> None:
    with_store(path, nothing, shards=4)
    with pytest.raises(StoreError, match="made with 4 shards, not 1"):
        with_store(path, nothing)
    with_store(path, nothing, shards=4)


def test_commits_are_durable_by_the_settings_of_the_connection(path: Path) -> None:
    async def settings(store: SqliteStore) -> list[object]:
        names = ("journal_mode", "synchronous", "page_size")
        return await store._database.write(lambda session: [session.connection.pragma(name) for name in names])

    assert with_store(path, settings) == ["wal", 2, 8192]


def test_a_closed_store_says_so(path: Path) -> None:
    async def use_after_closing(store: SqliteStore) -> None:
        await store.close()
        for act in (store.executions.create([created()]), store.executions.get("x")):
            with pytest.raises(StoreError, match="is not open"):
                await act

    with_store(path, use_after_closing)


def test_what_waits_at_closing_is_written(path: Path) -> None:
    new = [created(execution()) for _ in range(50)]

    async def create(store: SqliteStore) -> None:
        tasks = [asyncio.create_task(store.executions.create([one])) for one in new]
        await asyncio.sleep(0)
        await store.close()
        assert [await task for task in tasks] == [[one.execution.id] for one in new]

    async def count(store: SqliteStore) -> int:
        return len(await store.executions.unfinished(await all_shards(store), None, 99))

    with_store(path, create)
    assert with_store(path, count) == 50
