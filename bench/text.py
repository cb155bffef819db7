"""What is done to text: expressions rendered, flows checked."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from bench import flows
from bench.figure import Figure
from kapell import check as check_source
from kapell.expr import Env
from kapell.expr import render as render_with

TEMPLATE = "{{ inputs.name | upper }} of {{ flow.id }} has {{ outputs.count.value }} letters"
VARIABLES = {"inputs": {"name": "kapell"}, "flow": {"id": "hello"}, "outputs": {"count": {"value": 6}}}


def render() -> list[Figure]:
    env = Env(now=lambda: datetime.now(UTC))
    wanted = "KAPELL of hello has 6 letters"
    if render_with(TEMPLATE, VARIABLES, env, "text") != wanted:
        raise RuntimeError(f"{TEMPLATE!r} does not give {wanted!r}")
    seconds = best(lambda: render_with(TEMPLATE, VARIABLES, env, "text"), 2_000)
    return [Figure("three variables and a filter, compiled", seconds * 1e6, "µs", 10)]


def check() -> list[Figure]:
    figures = []
    for lines, budget in ((200, 10.0), (2_000, 100.0)):
        source = flows.of_lines(lines)
        if errors := [problem for problem in check_source(source) if problem.severity == "error"]:
            raise RuntimeError(f"the flow to check is wrong: {errors[0]}")
        count = source.count("\n")
        seconds = best(partial(check_source, source), 2)
        figures.append(Figure(f"a flow of {count:,} lines checked", seconds * 1000, "ms", budget))
    return figures


def best(act: Callable[[], object], times: int) -> float:
    """Seconds that one of `times` takes, in the best of seven rounds."""
    rounds = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(times):
            act()
        rounds.append((time.perf_counter() - start) / times)
    return min(rounds)
