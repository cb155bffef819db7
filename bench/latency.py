"""How long a caller waits: from asking for an execution to seeing it ended, and for flows of many tasks."""

from __future__ import annotations

import subprocess
import time

from bench import flows
from bench.figure import Figure, quantile
from bench.machine import fsyncs
from bench.place import durable, folder
from kapell.assembly.local import Local
from kapell.plugins.scripts._environment import real_python, worker_environment

ROUNDS = 300
SCRIPT_ROUNDS = 3
BUDGET_MS = 5.0


def latency() -> list[Figure]:
    """Three inline tasks, one execution after another, each durable before its end is told."""
    with folder() as place:
        disk = quantile(fsyncs(place), 0.5) * 1000
    with durable(flows.THREE) as local:
        taken = [ended(local, "three") * 1000 for _ in range(ROUNDS)]
    half, most = quantile(taken, 0.5), quantile(taken, 0.95)
    return [
        Figure("three inline tasks, one by one, p50", half, "ms", BUDGET_MS + 2 * disk),
        Figure("the same, p95", most, "ms"),
        Figure("the disk's own fsync, p50", disk, "ms"),
    ]


def seq100() -> list[Figure]:
    return [of_many("100 Log tasks in a row", flows.sequence(100), 5, 60)]


def par1000() -> list[Figure]:
    return [of_many("Parallel with 1,000 Log tasks", flows.parallel(1000), 3)]


def each10000() -> list[Figure]:
    """Ten times the values may take eleven times the time."""
    thousand = of_many("ForEach over 1,000 values with one Log each", flows.for_each(1000), 3)
    all_of_them = of_many("ForEach over 10,000 values with one Log each", flows.for_each(10_000), 3, 6000)
    growth = Figure("10,000 values beside 1,000", all_of_them.value / thousand.value, "times", 11)
    return [thousand, all_of_them, growth]


def loop10000() -> list[Figure]:
    """Every iteration is an execution of its own; ten times the values may take twelve times the time."""
    thousand = of_many("Loop over 1,000 values with one Log each", flows.loop(1000), 3)
    all_of_them = of_many("Loop over 10,000 values with one Log each", flows.loop(10_000), 3, 6000)
    growth = Figure("10,000 values beside 1,000", all_of_them.value / thousand.value, "times", 12)
    return [thousand, all_of_them, growth]


def nested10() -> list[Figure]:
    """An execution that calls another one, and so on."""
    with durable(*flows.nested(10)) as local:
        taken = min(ended(local, "nested10") for _ in range(10))
    return [Figure("10 nested subflows", taken * 1000, "ms", 20)]


def py40() -> list[Figure]:
    """Forty scripts beside forty bare interpreters that run the same code: one after the other, round by round."""
    with durable(flows.scripts(40)) as local:
        rounds = [(ended(local, "py40"), bare(40)) for _ in range(SCRIPT_ROUNDS)]
    scripts, bares = (min(seconds) for seconds in zip(*rounds, strict=True))
    return [
        Figure("40 Python scripts in a row", scripts * 1000, "ms", 2000),
        Figure("40 bare interpreters in a row", bares * 1000, "ms"),
        Figure("scripts beside bare interpreters", scripts / bares, "times", 1.4),
    ]


def bare(count: int) -> float:
    """Seconds that interpreters take that nobody listens to but their caller; the one that scripts run with."""
    env = worker_environment()
    command = [real_python(env) or "python3", "-c", flows.FIB]
    start = time.perf_counter()
    for _ in range(count):
        subprocess.run(command, env=env, capture_output=True, check=True)
    return time.perf_counter() - start


def of_many(name: str, source: str, times: int, budget: float | None = None) -> Figure:
    """The best of some executions, after one that warms up."""
    id = source.partition("\n")[0].removeprefix("id: ")
    with durable(source) as local:
        if times > 1:
            ended(local, id)
        return Figure(name, min(ended(local, id) for _ in range(times)) * 1000, "ms", budget)


def ended(local: Local, id: str) -> float:
    """Seconds from the wish to the sight of its end, which must be a good one."""
    start = time.perf_counter()
    execution = local.wait(local.create(flows.NAMESPACE, id), timeout=300)
    taken = time.perf_counter() - start
    if execution.state != "SUCCESS":
        raise RuntimeError(f"{id} has ended {execution.state}: {[line.message for line in execution.logs[-3:]]}")
    return taken
