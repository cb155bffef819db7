"""Who may write which executions: shards, owned by a lease with an epoch that every commit checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct


class Lease(Struct, frozen=True, kw_only=True):
    """What one owner holds: of each shard its epoch. A later owner of a shard has a higher one."""

    owner: str
    epochs: Mapping[int, int]


class Shards(Protocol):
    """The table of shards. Shard of an execution: `shard_of(root id, count)`."""

    @property
    def count(self) -> int:
        """How many there are; fixed when the store is made."""
        ...

    async def acquire(self, owner: str, now: datetime, span: timedelta, most: int) -> Lease:
        """Take up to `most` shards that nobody holds, each with its epoch raised; add those already held."""
        ...

    async def renew(self, lease: Lease, now: datetime, span: timedelta) -> Lease:
        """Hold them for another `span`; what was lost to others is not in the answer."""
        ...

    async def owner(self, shard: int, now: datetime) -> str | None:
        """Who holds it at that instant, None where nobody does."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give them back at once."""
        ...


def shard_of(root_id: str, count: int) -> int:
    """The shard of all executions that descend from `root_id`: the same in every process and version."""
    return sum(root_id.encode()) % count if count > 1 else 0
