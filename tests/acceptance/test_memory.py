"""Executions that wait lie in the store, not in memory: however many there are, the process stays as it was."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from pathlib import Path

from factories import created, execution
from kapell.adapters.memory.feed import MemoryFeed
from kapell.adapters.sqlite.store import SqliteStore
from kapell.clock import ManualClock
from kapell.expr import Env
from kapell.expr.environment import nothing_to_read
from kapell.model.execution import Execution
from kapell.model.state import State
from kapell.ports.executions import Search
from kapell.ports.flows import StoredFlow
from kapell.services.executor import Executor
from kapell.services.flow_cache import FlowCache
from kapell.services.stepper import Surroundings
from stores import with_store

SOURCE = """
id: hello
namespace: company.team
tasks:
  - {id: kept, type: io.kestra.plugin.core.debug.Return, format: "{{ execution.id }} {{ range(1, 100) }}"}
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}
"""
MANY, ALL = 2_000, 10_000
BOUND = 4_000_000
BLOCKS_OF_ONE = 100
"""Of the allocator, for an execution that lives in memory: there are more."""


async def an_executor(store: SqliteStore, most_bytes: int) -> Executor:
    clock = ManualClock()
    await store.flows.save(StoredFlow(namespace="company.team", id="hello", revision=0, source=SOURCE))
    around = Surroundings(FlowCache(store.flows), None, {}, nothing_to_read, Env(now=clock.now))
    executor = Executor(store, MemoryFeed(), clock, around)
    executor.live.most_bytes = most_bytes
    return executor


async def fall_asleep(store: SqliteStore, executor: Executor, count: int) -> None:
    """So many more executions sleep."""
    for first in range(0, count, 500):
        sleepers: list[Execution] = [execution() for _ in range(min(500, count - first))]
        await store.executions.create([created(one) for one in sleepers])
        executor.look()
        while await executor.turn():
            pass
    gc.collect()


def test_ten_thousand_sleeping_executions_take_no_more_memory_than_they_may(tmp_path: Path) -> None:
    async def measure(store: SqliteStore) -> None:
        executor = await an_executor(store, BOUND)
        await fall_asleep(store, executor, MANY)
        blocks = sys.getallocatedblocks()
        await fall_asleep(store, executor, ALL - MANY)
        assert sys.getallocatedblocks() - blocks < BLOCKS_OF_ONE * (ALL - MANY) / 20
        running = await store.executions.search(Search(states=(State.RUNNING,), limit=2 * ALL))
        assert len(running) == ALL
        assert 0 < executor.live.bytes <= BOUND

    with_store(tmp_path / "kapell.db", measure, seconds=120)


def test_what_live_executions_are_said_to_weigh_is_what_they_weigh(tmp_path: Path) -> None:
    async def measure(store: SqliteStore) -> None:
        executor = await an_executor(store, 1_000_000_000)
        await fall_asleep(store, executor, 100)
        tracemalloc.start()
        try:
            said, before = executor.live.bytes, tracemalloc.get_traced_memory()[0]
            await fall_asleep(store, executor, 400)
            after = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert 0.7 < (executor.live.bytes - said) / (after - before) < 1.6

    with_store(tmp_path / "kapell.db", measure)
