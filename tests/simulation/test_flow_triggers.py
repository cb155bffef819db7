"""Flow triggers under a hostile scheduler: several executors, and each trigger fires once for what it waits for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from kapell.model.execution import Execution
from kapell.ports.executions import Search
from simulation.world import World, at_once

SEEDS = 60
DEPENDENCIES = "dependsOn: [{namespace: sim, flowId: a}, {namespace: sim, flowId: b}]"
SOURCES = [
    "id: a\nnamespace: sim\ntasks: [{id: t, type: io.kestra.plugin.scripts.shell.Script, script: x}]",
    "id: b\nnamespace: sim\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]",
]
LISTENING = [
    f"id: {id}\nnamespace: sim\ntriggers: [{{id: up, type: io.kestra.plugin.core.trigger.Flow, {what}}}]\n"
    "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]"
    for id, what in (
        ("each", "dependsOn: [{namespace: sim, flowId: a}]"),
        ("chain", "dependsOn: [{namespace: sim, flowId: each}]"),
        ("both", f"window: {{lookback: P365D}}, {DEPENDENCIES}"),
    )
]


class ListeningWorld(World):
    """A world in which flows listen to those that are started."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, SOURCES)
        self.listening = [self._save(source) for source in LISTENING]
        for executor in self.executors.values():
            self._tell(executor)

    def _start_executor(self, name: str) -> None:
        super()._start_executor(name)
        self._tell(self.executors[name])

    def _tell(self, executor: object) -> None:
        for flow in getattr(self, "listening", ()):
            executor._stepper._around.listeners.put(flow)

    def of(self, flow_id: str) -> list[Execution]:
        return at_once(self.store.executions.search(Search(flow_id=flow_id, limit=1000)))

    def is_over(self) -> bool:
        ended = all(row.state.ended for row in at_once(self.store.executions.search(Search(limit=1000))))
        return ended and not self.network and not self.waiting_events()


async def simulate(seed: int) -> ListeningWorld:
    world = ListeningWorld(seed)
    world.start(6)
    for _ in range(250):
        world.turn()
    world.faults.healed = True
    for turn in range(6000):
        world.turn()
        if turn % 100 == 0:
            world.clock.advance(timedelta(seconds=5))
            if world.is_over():
                return world
    raise AssertionError("something waits for ever")


def causes(world: ListeningWorld, flow_id: str) -> list[object]:
    return [row.trigger.variables["executionId"] for row in world.of(flow_id) if row.trigger is not None]


def pairs(world: ListeningWorld) -> int:
    """How often both had come, all of it in the order of the ends that the store has seen."""
    ends = sorted((row.history[-1].at, row.id, row.flow_id) for flow_id in ("a", "b") for row in world.of(flow_id))
    return min(sum(name == one for _, _, name in ends) for one in ("a", "b"))


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_each_trigger_fires_once_for_what_it_waits_for(first: int) -> None:
    for seed in range(first, first + 20):
        world = asyncio.run(simulate(seed))
        assert sorted(causes(world, "each")) == sorted(row.id for row in world.of("a")), seed
        assert sorted(causes(world, "chain")) == sorted(row.id for row in world.of("each")), seed
        assert min(1, pairs(world)) <= len(world.of("both")) <= pairs(world), seed
        assert len(set(causes(world, "both"))) == len(world.of("both")), seed
