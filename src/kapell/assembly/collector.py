"""Python's collector of cycles, as it suits a process with many rows that stay."""

from __future__ import annotations

import gc

OBJECTS = 50_000


def tune() -> None:
    """Look for cycles each time there are 50,000 new objects, not 700: what a start or a loop makes mostly stays.

    A process that has set more itself keeps it.
    """
    if 0 < gc.get_threshold()[0] < OBJECTS:
        gc.set_threshold(OBJECTS, 10, 10)
