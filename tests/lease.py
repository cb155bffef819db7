"""Leases for the tests of stores."""

from __future__ import annotations

from factories import MINUTE, NOW
from kapell.ports.shards import Lease
from kapell.ports.store import Store

SHARDS = 4
"""How many the stores of tests have."""


async def all_shards(store: Store, owner: str = "one") -> Lease:
    """A lease of every shard of the store."""
    return await store.shards.acquire(owner, NOW, MINUTE, store.shards.count)
