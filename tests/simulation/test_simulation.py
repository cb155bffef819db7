"""Some hundred seeds in every test run (`make simulate` runs thousands), and the proof that the simulation sees."""

from __future__ import annotations

import asyncio

import pytest

from simulation.checks import check_next_events
from simulation.faults import Violation
from simulation.flows import SOURCES
from simulation.mutants import MUTANTS
from simulation.run import STARTED, simulate
from simulation.shape import calm
from simulation.world import World

SEEDS = 400
SOAK_SEEDS = 20_000
PATIENCE = 400


@pytest.fixture(scope="module", autouse=True)
def honest() -> None:
    """What executions come to is found out before anything is made wrong on purpose."""

    async def learn() -> None:
        for flow_id in STARTED:
            calm(flow_id, False)
            calm(flow_id, True)

    asyncio.run(learn())


@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_whatever_goes_wrong_every_execution_ends_as_if_nothing_had_happened(first: int) -> None:
    for seed in range(first, first + 50):
        try:
            simulate(seed)
        except Exception as error:
            pytest.fail(f"seed {seed}: {type(error).__name__}: {error}")


@pytest.mark.soak
@pytest.mark.parametrize("first", range(SEEDS, SOAK_SEEDS, 1000))
def test_whatever_goes_wrong_in_many_more_runs_it_is_so(first: int) -> None:
    for seed in range(first, first + 1000):
        simulate(seed)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_fault_in_the_product_is_noticed(name: str) -> None:
    with MUTANTS[name]():
        for seed in range(PATIENCE):
            try:
                simulate(seed)
            except Violation:
                return
    pytest.fail(f"{PATIENCE} seeds did not notice it")


def test_an_execution_that_lost_its_next_event_is_noticed_at_once() -> None:
    world = World(1, SOURCES)
    world.start(["sequence"])
    while not any(world.store.executions._jobs.values()):
        world.turn()
    check_next_events(world)
    world.store.executions._jobs.clear()
    world.network.clear()
    with pytest.raises(Violation, match="Nothing can bring it on"):
        check_next_events(world)


def test_a_seed_gives_the_same_run_every_time() -> None:
    first, second = simulate(3), simulate(3)
    assert first.clock.now() == second.clock.now()
    assert first.births == second.births
    assert first.rows() == second.rows()
