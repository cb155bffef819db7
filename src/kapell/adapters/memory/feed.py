"""What has been committed, told within one process; watchers are called in the publisher's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Lock

from kapell.model.log import LogLine
from kapell.model.messages import Step
from kapell.ports.feed import Watcher

log = logging.getLogger(__name__)


class MemoryFeed:
    """The feed of one process; a watcher that raises is not called again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._watchers: dict[int, tuple[Watcher, str | None]] = {}
        self._next = 0
        self._roots: dict[str, str] = {}

    def publish(self, steps: Sequence[Step], lines: Sequence[LogLine] = ()) -> None:
        """Tell the watchers; never blocks, never raises."""
        self._learn(steps)
        with self._lock:
            watchers = list(self._watchers.items())
        for key, (watcher, root_id) in watchers:
            mine = (steps, lines) if root_id is None else self._of_tree(root_id, steps, lines)
            if mine[0] or mine[1]:
                self._tell(key, watcher, *mine)
        self._forget(steps)

    def watch(self, watcher: Watcher, *, root_id: str | None = None) -> Callable[[], None]:
        """Call `watcher` for every change (of one tree of executions) until the returned function is called."""
        with self._lock:
            key = self._next
            self._next += 1
            self._watchers[key] = (watcher, root_id)
        return lambda: self._drop(key)

    def _tell(self, key: int, watcher: Watcher, steps: Sequence[Step], lines: Sequence[LogLine]) -> None:
        try:
            watcher(steps, lines)
        except Exception:
            log.exception("a watcher raised and is dropped", extra={"action": "feed.drop"})
            self._drop(key)

    def _drop(self, key: int) -> None:
        with self._lock:
            self._watchers.pop(key, None)

    def _of_tree(
        self, root_id: str, steps: Sequence[Step], lines: Sequence[LogLine]
    ) -> tuple[list[Step], list[LogLine]]:
        return (
            [step for step in steps if step.execution.root_id == root_id],
            [line for line in lines if self._roots.get(line.execution_id, line.execution_id) == root_id],
        )

    def _learn(self, steps: Sequence[Step]) -> None:
        """A line knows its execution only: which tree a child belongs to is kept while the child lives."""
        for step in steps:
            for execution in (step.execution, *(child.execution for child in step.children)):
                if execution.id != execution.root_id:
                    self._roots[execution.id] = execution.root_id

    def _forget(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if step.execution.state.ended:
                self._roots.pop(step.execution.id, None)
