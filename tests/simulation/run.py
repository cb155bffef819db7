"""One run of the simulation by its seed: trouble, then healing, then what must be true of everything."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from simulation.checks import check, check_next_events
from simulation.flows import SOURCES, STARTED_BY_OTHERS
from simulation.instant import no_threads_and_no_time
from simulation.people import People
from simulation.world import World

COUNT = 7
TROUBLE = 300
HEALING = 12_000
PATIENCE = 4000
"""After how many turns of healing people end what they have made wait for ever, such as a stuck task begun anew."""
LOOK = 50
"""After how many turns everything that lives is asked what it waits for."""

STARTED = sorted(SOURCES.keys() - STARTED_BY_OTHERS)


def simulate(seed: int) -> World:
    """Run it; raises `Violation` (or whatever broke) when something is not as it must be."""
    return asyncio.run(_simulate(seed))


async def _simulate(seed: int) -> World:
    """All in one go: there is a loop for those who ask for it, but nothing is ever waited for."""
    world = World(seed, SOURCES, shards=1 if seed % 2 else 4)
    with no_threads_and_no_time(world.monotonic):
        people = People(world)
        ids = world.start(chosen(world))
        acts = 0.05 if world.chance.random() < 0.4 else 0.0
        for turn in range(TROUBLE):
            world.turn()
            if world.faults.happens(acts):
                people.act()
            if turn % LOOK == 0:
                check_next_events(world)
        heal(world, people)
        check(world, ids, people)
    return world


def chosen(world: World) -> list[str]:
    """Some flows, one or two of them more than once: it is then that they get into each other's way."""
    few = world.chance.sample(STARTED, COUNT - 2)
    return [world.chance.choice(few) for _ in range(COUNT)]


def heal(world: World, people: People) -> None:
    """Nothing goes wrong any more, and people see to what waits for them, until all is over."""
    world.faults.healed = True
    for turn in range(HEALING):
        world.turn()
        if turn % LOOK == 0:
            check_next_events(world)
            people.attend()
            if turn == PATIENCE:
                people.give_up()
            world.clock.advance(timedelta(seconds=5))
            if world.is_over():
                return
