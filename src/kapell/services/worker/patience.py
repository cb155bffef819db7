"""Waiting before something is tried again."""

from __future__ import annotations

import asyncio

FIRST_SECONDS = 0.05
LONGEST_SECONDS = 2.0


class Patience:
    """Each wait is twice as long as the one before, up to 2 s."""

    def __init__(self) -> None:
        self._seconds = FIRST_SECONDS

    async def wait(self) -> None:
        """Wait a while."""
        await asyncio.sleep(self._seconds)
        self._seconds = min(self._seconds * 2, LONGEST_SECONDS)
