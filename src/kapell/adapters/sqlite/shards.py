"""The table of shards in SQLite."""

from __future__ import annotations

from datetime import datetime, timedelta

from kapell.adapters.sqlite.database import Database
from kapell.adapters.sqlite.query import Row, Session, micros
from kapell.errors import StoreError
from kapell.ports.shards import Lease


class SqliteShards:
    """Shards 0 … count-1, a row each."""

    def __init__(self, database: Database, count: int) -> None:
        self._database = database
        self._count = count

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    def prepare(self, session: Session) -> None:
        """Make the rows in a new file; raises `StoreError` where the file was made with another number of shards."""
        made = _setting(session)
        if made is None:
            session.write("insert_setting", [("shards", str(self._count))])
            session.write("create_shard", [(number,) for number in range(self._count)])
        elif made != str(self._count):
            raise StoreError(f"the file was made with {made} shards, not {self._count}")

    async def acquire(self, owner: str, now: datetime, span: timedelta, most: int) -> Lease:
        """Take up to `most` shards that nobody holds, each with its epoch raised; add those already held."""

        def work(session: Session) -> Lease:
            times = (micros(now), micros(now + span))
            session.rows("keep_held", owner, *times)
            session.rows("take_free", owner, *times, most)
            return _lease(owner, session.rows("held", owner, micros(now)))

        return await self._database.write(work)

    async def renew(self, lease: Lease, now: datetime, span: timedelta) -> Lease:
        """Hold them for another `span`; what was lost to others is not in the answer."""

        def work(session: Session) -> Lease:
            until = micros(now + span)
            held = [session.rows("renew", shard, lease.owner, epoch, until) for shard, epoch in lease.epochs.items()]
            return _lease(lease.owner, [row for rows in held for row in rows])

        return await self._database.write(work)

    async def owner(self, shard: int, now: datetime) -> str | None:
        """Who holds it at that instant, None where nobody does."""
        found = await self._database.read(lambda session: session.value("owner", shard, micros(now)))
        return found if isinstance(found, str) else None

    async def release(self, lease: Lease) -> None:
        """Give them back at once."""

        def work(session: Session) -> None:
            for shard, epoch in lease.epochs.items():
                session.rows("release", shard, lease.owner, epoch)

        await self._database.write(work)


def _setting(session: Session) -> str | None:
    found = session.value("setting", "shards")
    return found if isinstance(found, str) else None


def _lease(owner: str, rows: list[Row]) -> Lease:
    return Lease(owner=owner, epochs={int(str(shard)): int(str(epoch)) for shard, epoch in rows})
