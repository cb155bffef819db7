"""What an execution weighs while it waits, and each of its task runs; and what the executor believes that it weighs."""

from __future__ import annotations

import gc
import tracemalloc
from itertools import pairwise

from bench import flows
from bench.figure import Figure
from bench.place import durable
from kapell.assembly.local import Local

EXECUTIONS = 1_000
RUNS = 5_000
PAUSE = f"{{id: pause, type: {flows.PAUSE}}}"
SLEEP = "{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}"


def memory() -> list[Figure]:
    """Executions that sleep, that are paused after two tasks, and one that is paused after thousands."""
    loop = flows.for_each(RUNS).rstrip().partition("  - ")[2]
    sleeping = flows.flow("sleeping", SLEEP)
    small = flows.flow("small", flows.log("one"), flows.log("two"), PAUSE)
    large = flows.flow("large", loop, PAUSE)
    with durable(sleeping, small, large) as local:
        live = local.runtime.executor.live
        waiting(local, "sleeping")
        waiting(local, "small")
        tracemalloc.start()
        try:
            marks, said = [traced()], live.bytes
            for id, count in (("sleeping", EXECUTIONS), ("small", EXECUTIONS), ("large", 1)):
                for _ in range(count):
                    waiting(local, id)
                marks.append(traced())
            said = live.bytes - said
        finally:
            tracemalloc.stop()
    asleep, paused, many = (after - before for before, after in pairwise(marks))
    return [
        Figure("a sleeping execution of one task", asleep / EXECUTIONS / 1000, "kB"),
        Figure("a paused execution with three task runs", paused / EXECUTIONS / 1000, "kB"),
        Figure("each task run of a live execution of thousands", many / RUNS / 1000, "kB"),
        Figure("what eviction believes of all that, beside what it is", said / (marks[-1] - marks[0]), "times", 1.6),
    ]


def waiting(local: Local, id: str) -> None:
    states = ["RUNNING"] if id == "sleeping" else ["PAUSED"]
    local.wait(local.create(flows.NAMESPACE, id), timeout=120, states=states)


def traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
