"""What has been committed, told to whoever looks on: a terminal, a browser, a caller that waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kapell.model.log import LogLine
from kapell.model.messages import Step

Watcher = Callable[[Sequence[Step], Sequence[LogLine]], None]


class Feed(Protocol):
    """Changes in the order of their commits. Whoever is slow is dropped, not waited for; the store has the truth."""

    def publish(self, steps: Sequence[Step], lines: Sequence[LogLine] = ()) -> None:
        """Tell the watchers; never blocks, never raises."""
        ...

    def watch(self, watcher: Watcher, *, root_id: str | None = None) -> Callable[[], None]:
        """Call `watcher` for every change (of one tree of executions) until the returned function is called."""
        ...
