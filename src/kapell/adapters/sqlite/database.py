"""The file: one writer thread that commits together whatever waits, and a few readers with connections of their own."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar, cast

import apsw

from kapell.adapters.sqlite.migrate import check_schema, migrate
from kapell.adapters.sqlite.query import Session
from kapell.errors import KapellError, StoreDown, StoreError

T = TypeVar("T")
V = TypeVar("V")
Work = Callable[[Session, Sequence[V]], Sequence[T]]
"""Writes values and returns a result for each; values that wait together are written by one call."""

READERS = 3
SWITCH_SECONDS = 0.0005
"""After each statement the writer asks for Python's lock again, and a busy loop would keep it for ten times as long."""

DOWN = (apsw.FullError, apsw.IOError, apsw.NoMemError, apsw.BusyError, apsw.ReadOnlyError, apsw.CantOpenError)
"""What is the disk's fault, and not that of what was to be written."""

_PRAGMAS = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA fullfsync = ON;
PRAGMA foreign_keys = OFF;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16000;
PRAGMA wal_autocheckpoint = 8000;
PRAGMA journal_size_limit = 67108864;
"""
"""Rows of 1 to 2 kB are most of the file: pages of 8 kB hold several of them."""


class Item(Generic[V, T]):
    """A value to write by `work`, which may be run more than once, and whoever waits for what comes of it.

    `then` is told the result in the loop, once committed.
    """

    def __init__(self, work: Work[V, T], value: V, then: Callable[[T], None] | None, future: asyncio.Future[T]) -> None:
        self.work = work
        self.value = value
        self.result: T | None = None
        self.error: BaseException | None = None
        self._then = then
        self._future = future

    def settle(self) -> None:
        """Tell whoever waits, if anybody still does."""
        if self.error is None and self._then is not None:
            self._then(cast(T, self.result))
        if self._future.done():
            return
        if self.error is None:
            self._future.set_result(cast(T, self.result))
        else:
            self._future.set_exception(self.error)


class Database:
    """A SQLite file that this process alone has open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._items: SimpleQueue[Item[object, object] | None] = SimpleQueue()
        self._writer: threading.Thread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._local = threading.local()
        self._connections: list[apsw.Connection] = []

    async def open(self, prepare: Callable[[Session], T]) -> T:
        """Lock the file, bring it to the present schema, start the threads; return what `prepare` found in it."""
        self._loop = asyncio.get_running_loop()
        self._lock = _lock(self.path)
        try:
            session = Session(self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE))
            session.connection.execute(_PRAGMAS).fetchall()
            if session.connection.pragma("journal_mode") != "wal":
                raise StoreError("its file system does not let processes share memory, which SQLite's WAL needs")
            migrate(session.connection)
            prepared = _transaction(session, prepare)
        except Exception as error:
            self._release()
            raise StoreError(f"{self.path} can not be used: {error}") from error
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="kapell-sqlite-reader")
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_SECONDS))
        name = "kapell-sqlite-writer"
        self._writer = threading.Thread(target=self._write_all, args=(session,), name=name, daemon=True)
        self._writer.start()
        return prepared

    async def look(self) -> None:
        """Open it for reading only, beside whoever has it open; nothing is written, and nobody kept out."""
        self._loop = asyncio.get_running_loop()
        if not self.path.exists():
            raise StoreError(f"there is no {self.path}")
        try:
            check_schema(self._connect(apsw.SQLITE_OPEN_READONLY))
        except Exception as error:
            self._release()
            raise StoreError(f"{self.path} can not be read: {error}") from error
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="kapell-sqlite-reader")

    async def close(self) -> None:
        """Write what waits, then let go of the file."""
        writer, readers, self._writer, self._readers = self._writer, self._readers, None, None
        if readers is None:
            return
        if writer is not None:
            self._items.put(None)
            await asyncio.to_thread(writer.join)
        await asyncio.to_thread(readers.shutdown)
        self._release()

    async def write(self, work: Callable[[Session], T], then: Callable[[T], None] | None = None) -> T:
        """Run `work` in the next transaction; return after its commit.

        What `work` raises undoes its own writes and no others. `then` is called with the result before anybody
        learns of the commit, in the order of writing, even when the caller has gone.
        """
        return await self.write_with(lambda session, _: [work(session)], None, then)

    async def write_with(self, work: Work[V, T], value: V, then: Callable[[T], None] | None = None) -> T:
        """Like `write`, for a value that may be written in one call with others that wait for the same `work`."""
        if self._loop is None or self._writer is None:
            raise StoreError(f"{self.path} is not open")
        future: asyncio.Future[T] = self._loop.create_future()
        item = Item(work, value, then, future)
        self._items.put(item)  # type: ignore[arg-type]  # an item takes only values and results of its own
        return await future

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a reader's thread, in one transaction: it sees one state of the file."""
        if self._loop is None or self._readers is None:
            raise StoreError(f"{self.path} is not open")
        return await self._loop.run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Session], T]) -> T:
        try:
            session = getattr(self._local, "session", None)
            if not isinstance(session, Session):
                session = self._local.session = Session(self._connect(apsw.SQLITE_OPEN_READONLY))
            return _transaction(session, work)
        except apsw.Error as error:
            raise StoreError(f"{self.path} could not be read: {error}") from error

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(str(self.path), flags=flags)
        connection.set_busy_timeout(5000)
        self._connections.append(connection)
        return connection

    def _release(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        if self._lock is not None:
            os.close(self._lock)
        self._lock = None

    def _write_all(self, session: Session) -> None:
        """The writer's thread: each turn takes all that waits, and waits for nothing more."""
        while (item := self._items.get()) is not None:
            batch, last = [item], False
            try:
                while not last:
                    more = self._items.get_nowait()
                    last = more is None
                    batch += [] if more is None else [more]
            except Empty:
                pass
            commit(session, batch)
            self._settle(batch)
            if last:
                return

    def _settle(self, batch: list[Item[object, object]]) -> None:
        def settle() -> None:
            for item in batch:
                item.settle()

        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(settle)


def commit(session: Session, batch: list[Item[object, object]]) -> None:
    """Write all items in one transaction; those that fail have an `error`, the others are durable on return."""
    groups = [list(group) for _, group in groupby(batch, key=lambda item: item.work)]
    while groups:
        try:
            session.connection.execute("BEGIN IMMEDIATE")
            culprit = _write_groups(session, groups)
            if culprit is None:
                session.connection.execute("COMMIT")
                return
        except Exception as error:
            _fail_all(session, batch, error)
            return
        # The error has undone the whole transaction, as SQLite does when the disk is full: again, each alone.
        groups = [[item] for group in groups for item in group if item.error is None]


def _write_groups(session: Session, groups: list[list[Item[object, object]]]) -> Exception | None:
    """Write each group by one call, or where this fails one by one; return the error that has ended the transaction."""
    for group in groups:
        error = _write_group(session, group)
        if error is not None and len(group) > 1 and session.connection.in_transaction:
            error = _write_groups(session, [[item] for item in group])
        elif error is not None and len(group) == 1:
            group[0].error = _as_ours(error)
        if not session.connection.in_transaction:
            return error
    return None


def _write_group(session: Session, group: list[Item[object, object]]) -> Exception | None:
    """Write the values under a savepoint; return the error that has undone them."""
    execute = session.connection.execute
    execute("SAVEPOINT item")
    try:
        results = group[0].work(session, [item.value for item in group])
        for item, result in zip(group, results, strict=True):
            item.result = result
    except Exception as error:
        if session.connection.in_transaction:
            execute("ROLLBACK TO item; RELEASE item").fetchall()
        return error
    execute("RELEASE item")
    return None


def _fail_all(session: Session, items: list[Item[object, object]], error: Exception) -> None:
    with suppress(apsw.Error):
        if session.connection.in_transaction:
            session.connection.execute("ROLLBACK")
    for item in items:
        item.error = item.error or _as_ours(error)


def _as_ours(error: Exception) -> KapellError:
    if isinstance(error, KapellError):
        return error
    kind = StoreDown if isinstance(error, DOWN) else StoreError
    ours = kind(f"could not be written: {error}")
    ours.__cause__ = error
    return ours


def _transaction(session: Session, work: Callable[[Session], T]) -> T:
    session.connection.execute("BEGIN")
    try:
        result = work(session)
        session.connection.execute("COMMIT")
    except BaseException:
        if session.connection.in_transaction:
            session.connection.execute("ROLLBACK")
        raise
    return result


def _lock(path: Path) -> int:
    """The lock file's descriptor; it holds the lock until it is closed, by whatever end the process comes to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(f"{path} can not be used: {error}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.read(descriptor, 32).decode() or "unknown"
        os.close(descriptor)
        raise StoreError(f"{path} is in use by process {holder}") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor
