"""The table of shards in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kapell.ports.shards import Lease

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Shard:
    epoch: int = 0
    owner: str | None = None
    until: datetime = _LONG_AGO


class MemoryShards:
    """Shards 0 … count-1, each with an epoch, an owner and the instant until which it holds."""

    def __init__(self, count: int = 1) -> None:
        self._shards = [_Shard() for _ in range(count)]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._shards)

    @property
    def epochs(self) -> Mapping[int, int]:
        """The present epoch of each shard."""
        return {number: shard.epoch for number, shard in enumerate(self._shards)}

    async def acquire(self, owner: str, now: datetime, span: timedelta, most: int) -> Lease:
        """Take up to `most` shards that nobody holds, each with its epoch raised; add those already held."""
        for shard in self._shards:
            if shard.owner == owner and shard.until > now:
                shard.until = now + span
            elif most > 0 and (shard.owner is None or shard.until <= now):
                shard.epoch, shard.owner, shard.until = shard.epoch + 1, owner, now + span
                most -= 1
        held = {n: shard.epoch for n, shard in enumerate(self._shards) if shard.owner == owner and shard.until > now}
        return Lease(owner=owner, epochs=held)

    async def renew(self, lease: Lease, now: datetime, span: timedelta) -> Lease:
        """Hold them for another `span`; what was lost to others is not in the answer."""
        kept = self._still(lease)
        for number in kept:
            self._shards[number].until = now + span
        return Lease(owner=lease.owner, epochs=kept)

    async def owner(self, shard: int, now: datetime) -> str | None:
        """Who holds it at that instant, None where nobody does."""
        found = self._shards[shard]
        return found.owner if found.until > now else None

    async def release(self, lease: Lease) -> None:
        """Give them back at once."""
        for number in self._still(lease):
            self._shards[number].owner = None

    def _still(self, lease: Lease) -> dict[int, int]:
        def held(number: int, epoch: int) -> bool:
            shard = self._shards[number]
            return shard.owner == lease.owner and shard.epoch == epoch

        return {number: epoch for number, epoch in lease.epochs.items() if held(number, epoch)}
