"""What an execution weighs while it lives, and each of its task runs."""

from __future__ import annotations

import gc
import tracemalloc

from bench import flows
from bench.figure import Figure
from bench.place import durable
from kapell.assembly.local import Local

EXECUTIONS = 1_000
RUNS = 5_000
PAUSE = f"{{id: pause, type: {flows.PAUSE}}}"


def memory() -> list[Figure]:
    """Executions that are paused after two tasks, and one that is paused after thousands."""
    loop = flows.for_each(RUNS).rstrip().partition("  - ")[2]
    small = flows.flow("small", flows.log("one"), flows.log("two"), PAUSE)
    large = flows.flow("large", loop, PAUSE)
    with durable(small, large) as local:
        paused(local, "small")
        tracemalloc.start()
        try:
            before = traced()
            for _ in range(EXECUTIONS):
                paused(local, "small")
            between = traced()
            paused(local, "large")
            after = traced()
        finally:
            tracemalloc.stop()
    return [
        Figure("a live execution with three task runs", (between - before) / EXECUTIONS / 1000, "kB"),
        Figure("each task run of a live execution of thousands", (after - between) / RUNS / 1000, "kB"),
    ]


def paused(local: Local, id: str) -> None:
    local.wait(local.create(flows.NAMESPACE, id), timeout=120, states=["PAUSED"])


def traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
