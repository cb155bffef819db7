"""A kapell to be measured: durable, in a folder of its own on the disk that the repository lies on."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kapell.assembly.local import Local
from kapell.model.log import LogLine
from kapell.model.messages import Step

ROOT = Path(__file__).parent.parent


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, gone afterwards; not in /tmp, which may be memory and cost nothing."""
    parent = ROOT / ".kapell"
    parent.mkdir(exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
    try:
        yield place
    finally:
        shutil.rmtree(place)


@contextmanager
def durable(*sources: str) -> Iterator[Local]:
    """A kapell with these flows."""
    with folder() as place, Local(state_dir=place) as local:
        local.apply(*sources)
        yield local


class Ends:
    """Waits until so many executions have ended, as the engine tells it; costs the engine a look at each step."""

    def __init__(self, local: Local, count: int) -> None:
        self._left = count
        self._over = threading.Event()
        local.watch(self._look)

    def _look(self, steps: Sequence[Step], lines: Sequence[LogLine]) -> None:
        self._left -= sum(step.changed and step.execution.state.ended for step in steps)
        if self._left <= 0:
            self._over.set()

    def wait(self, seconds: float = 300) -> None:
        if not self._over.wait(seconds):
            raise TimeoutError(f"{self._left} executions have not ended after {seconds} s")
