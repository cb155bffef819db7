"""How many executions a second one process starts and ends, durably, when many callers ask at once."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from bench import flows
from bench.figure import Figure
from bench.place import Ends, durable
from kapell.assembly.local import Local

COUNT = 5_000
CALLERS = 64
LEAST_PER_SECOND = 1_000


def throughput() -> list[Figure]:
    """Two rendered tasks, one using the other's output."""
    with durable(flows.TWO) as local:
        burst(local, 200)
        wall, cpu = min(burst(local, COUNT) for _ in range(3))
    return [
        Figure(
            f"two-task executions, {CALLERS} callers, {COUNT:,} in all",
            COUNT / wall,
            "per second",
            LEAST_PER_SECOND,
            at_least=True,
            seconds=wall / COUNT,
        ),
        Figure("processor time of each", cpu / COUNT * 1e6, "µs", 1000),
    ]


def burst(local: Local, count: int) -> tuple[float, float]:
    """Wall and processor seconds from the first wish to the last end."""
    ends = Ends(local, count)
    wall, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(CALLERS) as callers:
        for _ in callers.map(lambda _: local.create(flows.NAMESPACE, "two"), range(count)):
            pass
    ends.wait()
    return time.perf_counter() - wall, time.process_time() - cpu
