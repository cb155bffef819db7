"""What the feed tells, on its way to whoever draws it."""

from __future__ import annotations

import threading
from collections import deque
from queue import Empty

from kapell.assembly.following import LOOK_SECONDS
from kapell.cli.picture import Sight

MOST_LINES = 20_000
WAIT_SECONDS = 0.25


class Sights:
    """A queue of sights, counted in lines: who tells more than a terminal takes is slowed down."""

    def __init__(self) -> None:
        self._sights: deque[Sight] = deque()
        self._lines = 0
        self._changed = threading.Condition()

    def put(self, sight: Sight) -> None:
        """Add one; with very many lines in front of it this takes up to a quarter of a second."""
        with self._changed:
            self._sights.append(sight)
            self._lines += len(sight.lines)
            self._changed.notify_all()
            if self._lines > MOST_LINES:
                self._changed.wait_for(lambda: self._lines <= MOST_LINES, WAIT_SECONDS)

    def get(self) -> list[Sight]:
        """The oldest, as many as make a picture; raises `Empty` when there is none after a while."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._sights, LOOK_SECONDS):
                raise Empty
            found = [self._sights.popleft()]
            lines = len(found[0].lines)
            while self._sights and lines + len(self._sights[0].lines) <= MOST_LINES:
                found.append(self._sights.popleft())
                lines += len(found[-1].lines)
            self._lines -= lines
            self._changed.notify_all()
            return found
