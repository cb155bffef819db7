"""The machine: what it is, and how quick it is at what everything here stands on."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

from bench.figure import Calibration, quantile

PAGE = bytes(8192)
ROUNDS = 200


def description() -> str:
    """Cores, memory, kernel, Python; nothing that names the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release().split('-')[0]} "
        f"{platform.machine()}, {platform.python_implementation()} {platform.python_version()}"
    )


def loop_seconds() -> float:
    """The best of ten runs of a loop over small whole numbers, dicts and text: what an engine in Python does."""
    return min(_loop() for _ in range(10))


def _loop() -> float:
    start = time.perf_counter()
    known: dict[str, int] = {}
    for number in range(20_000):
        name = f"key-{number % 100}"
        known[name] = known.get(name, 0) + number
    return time.perf_counter() - start


def fsyncs(folder: Path) -> list[float]:
    """The seconds of each of some writes of a page to the end of a file, each safe on disk."""
    path = folder / "fsync"
    taken = []
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for _ in range(ROUNDS):
            start = time.perf_counter()
            os.write(descriptor, PAGE)
            os.fsync(descriptor)
            taken.append(time.perf_counter() - start)
    finally:
        os.close(descriptor)
        path.unlink()
    return taken


def calibrate(folder: Path) -> Calibration:
    """Measure both now, in the folder where the benches keep their state."""
    return Calibration(loop_seconds(), quantile(fsyncs(folder), 0.5))
