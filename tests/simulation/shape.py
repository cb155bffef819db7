"""What an execution has come to, with all that it has started, without ids and instants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from kapell.model.execution import Execution
from kapell.model.state import State
from kapell.model.task_run import TaskRun
from simulation.flows import LOOSE, SOURCES
from simulation.instant import at_once, no_threads_and_no_time
from simulation.people import People
from simulation.world import World

Shape = tuple[object, ...]
PASSING = frozenset({"executionId", "resumed", "subflowOutputsBaseUri", "on", "due"})
"""Outputs that are never the same."""


class Shapes:
    """The shapes of all executions of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._children: defaultdict[str | None, list[Execution]] = defaultdict(list)
        for row in world.rows():
            self._children[row.parent_id].append(row)

    def of(self, row: Execution) -> Shape:
        """Of one execution, those that it has started among it."""
        if row.flow_id in LOOSE and row.loop_run is None:
            return (row.flow_id, row.state)
        store = self._world.store.executions
        runs = at_once(store.task_runs(row.id))
        outputs = at_once(store.outputs([run.id for run in runs if run.has_outputs]))
        above = {run.id: run.task_id for run in runs}
        return (
            row.flow_id,
            row.state,
            row.attempt_number,
            str(plain(row.outputs)),
            sorted(run_shape(run, above, outputs.get(run.id, {})) for run in runs),
            sorted((self.of(child) for child in self._children[row.id]), key=str),
        )

    def family(self, row: Execution) -> list[Execution]:
        """It, and all that has come of it."""
        return [row, *(one for child in self._children[row.id] for one in self.family(child))]


def run_shape(run: TaskRun, above: Mapping[str, str], outputs: Mapping[str, object]) -> tuple[str, ...]:
    """Where a task run stands, how often it was tried, and what it has come to."""
    place = (above.get(run.parent_id or "", ""), run.branch.value, run.task_id, str(run.value), str(run.iteration))
    attempts = ",".join(attempt.state for attempt in run.attempts)
    return (*place, run.state.value, attempts, str(plain(outputs)), str(run.error)[:20])


def plain(value: object) -> object:
    """A value without what is never the same."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in sorted(value.items()) if key not in PASSING}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@lru_cache
def calm(flow_id: str, failed_tasks: bool) -> Shape:
    """What an execution of a flow comes to where nothing goes wrong around it."""
    world = World(1, SOURCES, executors=1, workers=1, shards=1)
    world.faults.healed, world.failed_tasks = True, failed_tasks
    people = People(world)
    with no_threads_and_no_time(world.monotonic):
        id = world.create(flow_id, 0)
        for turn in range(20_000):
            world.turn()
            if turn % 20 == 0:
                people.attend()
                if world.is_over():
                    return Shapes(world).of(world.row(id))
    raise AssertionError(f"{flow_id} does not end: {[(row.flow_id, row.state) for row in world.rows()]}")


def fits(shape: Shape, row: Execution, failed_tasks: bool) -> bool:
    """Whether an execution that nobody has touched has come to what it should."""
    if row.flow_id not in LOOSE:
        return shape == calm(row.flow_id, failed_tasks)
    return row.state in LOOSE[row.flow_id] and State(row.state).ended
