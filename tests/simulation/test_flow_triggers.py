"""Flow triggers under a hostile scheduler: several executors, and each trigger fires once for what it waits for."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from simulation.checks import causes
from simulation.instant import no_threads_and_no_time
from simulation.mutants import windows_are_written_whatever_others_have_seen
from simulation.world import World

SEEDS = 60
PATIENCE = 150
DEPENDENCIES = "dependsOn: [{namespace: sim, flowId: a}, {namespace: sim, flowId: b}]"
SOURCES = {
    "a": "id: a\nnamespace: sim\ntasks: [{id: t, type: io.kestra.plugin.scripts.shell.Script, script: x}]",
    "b": "id: b\nnamespace: sim\ntasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]",
}
LISTENING = {
    id: f"id: {id}\nnamespace: sim\ntriggers: [{{id: up, type: io.kestra.plugin.core.trigger.Flow, {what}}}]\n"
    "tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]"
    for id, what in (
        ("each", "dependsOn: [{namespace: sim, flowId: a}]"),
        ("chain", "dependsOn: [{namespace: sim, flowId: each}]"),
        ("both", f"window: {{lookback: P365D}}, {DEPENDENCIES}"),
        ("daily", f"window: {{every: P1D, fireOnce: true}}, {DEPENDENCIES}"),
    )
}


async def simulate(seed: int) -> World:
    """Some executions of what the others listen to, through trouble and healing to their end."""
    world = World(seed, SOURCES | LISTENING)
    with no_threads_and_no_time(world.monotonic):
        world.start([world.chance.choice(sorted(SOURCES)) for _ in range(6)])
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


def pairs(world: World) -> int:
    """How often both had come, all of it in the order of the ends that the store has seen."""
    ends = sorted((row.history[-1].at, row.id, row.flow_id) for flow_id in ("a", "b") for row in world.of(flow_id))
    return min(sum(name == one for _, _, name in ends) for one in ("a", "b"))


def check(world: World, seed: int) -> None:
    """Each trigger has fired once for what it waits for, and for nothing twice."""
    assert sorted(causes(world, "each")) == sorted(row.id for row in world.of("a")), seed
    assert sorted(causes(world, "chain")) == sorted(row.id for row in world.of("each")), seed
    assert min(1, pairs(world)) <= len(world.of("both")) <= pairs(world), seed
    assert len(set(causes(world, "both"))) == len(world.of("both")), seed
    assert len(world.of("daily")) == min(1, pairs(world)), seed


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_each_trigger_fires_once_for_what_it_waits_for(first: int) -> None:
    for seed in range(first, first + 20):
        check(asyncio.run(simulate(seed)), seed)


def test_a_window_that_is_written_whatever_others_have_seen_is_noticed() -> None:
    def look() -> None:
        for seed in range(PATIENCE):
            check(asyncio.run(simulate(seed)), seed)

    with windows_are_written_whatever_others_have_seen(), pytest.raises(AssertionError):
        look()
