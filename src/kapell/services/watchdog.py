"""The watchdog: looks for live executions that nothing can bring on. There must be none, ever.

What it finds is a fault of kapell's own; it counts and says so, and touches nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from kapell.errors import NotFound
from kapell.model.explanation import Explanation
from kapell.ports.executions import Executions
from kapell.services.executor import Executor
from kapell.services.explainer import Explainer, Lines

LOGGER = logging.getLogger(__name__)
INTERVAL = timedelta(seconds=60)
MOST = 100
"""How many executions a round looks at, besides those that had no explanation in the round before."""
MOST_SUSPECTS = 1000
"""How many of the latter; the count goes no higher."""


class Watchdog:
    """Goes through an executor's live executions, some in each round.

    One counts as stuck when two rounds have no explanation for it and it has not changed in between: what is on its
    way from memory to memory has arrived by then.
    """

    def __init__(self, executions: Executions, explainer: Explainer, executor: Executor) -> None:
        self._executions = executions
        self._explainer = explainer
        self._executor = executor
        self._after: str | None = None
        self._suspects: dict[str, int] = {}
        self._stuck: set[str] = set()
        self._stopping = asyncio.Event()

    @property
    def stuck(self) -> int:
        """How many executions nothing can bring on."""
        return len(self._stuck)

    async def run(self) -> None:
        """A round now and then, until stopped."""
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL.total_seconds()):
                    await self._stopping.wait()
                    return
            try:
                await self.round()
            except Exception:
                # Who only looks on must not take the others down.
                LOGGER.exception("action=watchdog-failed")

    def stop(self) -> None:
        """Let `run` return."""
        self._stopping.set()

    async def round(self) -> None:
        """Look again at who had no explanation, and at the next ones in the row."""
        lease = self._executor.lease
        if lease is None:
            self._suspects.clear()
            self._stuck.clear()
            return
        ids = await self._executions.unfinished(lease, self._after, MOST)
        self._after = ids[-1] if len(ids) == MOST else None
        before, self._suspects = self._suspects, {}
        stuck: set[str] = set()
        lines: Lines = {}
        for id in dict.fromkeys((*before, *ids)):
            found = await self._explained(id, lines)
            if found is None or not found.stuck or len(self._suspects) == MOST_SUSPECTS:
                continue
            self._suspects[id] = found.version
            if before.get(id) == found.version:
                stuck.add(id)
                self._say(found)
        self._stuck = stuck

    async def _explained(self, id: str, lines: Lines) -> Explanation | None:
        try:
            return await self._explainer.explain(id, lines)
        except NotFound:
            return None

    def _say(self, found: Explanation) -> None:
        if found.execution_id not in self._stuck:
            text = "action=watchdog-stuck execution=%s flow=%s.%s state=%s why=%s"
            LOGGER.error(text, found.execution_id, found.namespace, found.flow_id, found.state, found.headline)
