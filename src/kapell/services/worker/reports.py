"""Events for the executors, in the order they happened; those that happen while some are being sent go together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from kapell.errors import StoreError
from kapell.model.messages import Event
from kapell.services.worker.patience import Patience

LOG = logging.getLogger(__name__)
Report = Callable[[Sequence[Event]], Awaitable[None]]


class Reports:
    """Sends events until the store has them; what can never be stored fails whoever told it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._waiting: list[tuple[Event, asyncio.Future[None]]] = []
        self._sender: asyncio.Task[None] | None = None

    def tell(self, event: Event) -> asyncio.Future[None]:
        """Send it as soon as may be; the future is done when it is safe."""
        loop = asyncio.get_running_loop()
        safe: asyncio.Future[None] = loop.create_future()
        self._waiting.append((event, safe))
        if self._sender is None:
            self._sender = loop.create_task(self._send_all())
        return safe

    async def _send_all(self) -> None:
        while self._waiting:
            told, self._waiting = self._waiting, []
            try:
                await self._send([event for event, _ in told])
            except Exception as error:
                for _, safe in told:
                    safe.set_exception(error)
            else:
                for _, safe in told:
                    safe.set_result(None)
        self._sender = None

    async def _send(self, events: Sequence[Event]) -> None:
        patience = Patience()
        while True:
            try:
                return await self._report(events)
            except StoreError as error:
                LOG.warning("action=report events=%d: %s", len(events), error)
                await patience.wait()
