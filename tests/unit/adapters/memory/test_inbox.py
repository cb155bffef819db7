"""The inbox in memory, beyond what every store promises."""

from __future__ import annotations

from factories import execution, kill_asked
from kapell.adapters.memory.inbox import Inbox
from kapell.ports.shards import Lease

LEASE = Lease(owner="one", epochs={0: 1})


def test_an_inbox_that_is_always_used_does_not_grow() -> None:
    inbox, of = Inbox(), execution()
    for n in range(5_000):
        inbox.add([(kill_asked(of, id=f"k{n}"), 0)])
        inbox.absorb([f"k{n - 3}"])
    assert [got.event.id for got in inbox.read(LEASE, 0, 10)] == ["k4997", "k4998", "k4999"]
    assert len(inbox._order) < 2_000
