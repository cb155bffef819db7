"""One run of the simulation by its seed: trouble, then healing, then what must be true of everything."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

from kapell.engine import fold
from kapell.engine.explain import explain
from kapell.model.execution import Execution, Kind
from kapell.model.state import TRANSITIONS, State
from kapell.model.task_run import TaskRun
from kapell.ports.executions import Search
from simulation.faults import Violation
from simulation.world import World, at_once

TROUBLE = 250
HEALING = 6000
LOOK = 50
"""After how many turns everything that lives is asked what it waits for."""

LIVE = tuple(state for state in State if not state.ended)
SOURCES = [
    """
id: sequence
namespace: sim
tasks:
  - {id: one, type: io.kestra.plugin.scripts.shell.Script, script: x}
  - id: flaky
    type: io.kestra.plugin.scripts.shell.Script
    script: x
    retry: {type: constant, interval: PT2S, maxAttempts: 3}
  - {id: inline, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.one.value }}"}
  - id: pairs
    type: io.kestra.plugin.core.flow.Parallel
    concurrent: 2
    tasks:
      - {id: p1, type: io.kestra.plugin.scripts.shell.Script, script: x}
      - {id: p2, type: io.kestra.plugin.scripts.shell.Script, script: x}
      - {id: p3, type: io.kestra.plugin.scripts.shell.Script, script: x}
""",
    """
id: wide
namespace: sim
tasks:
  - id: all
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: a, type: io.kestra.plugin.scripts.shell.Script, script: x}
      - id: inner
        type: io.kestra.plugin.core.flow.Sequential
        tasks:
          - {id: b, type: io.kestra.plugin.scripts.shell.Script, script: x}
          - {id: bad, type: io.kestra.plugin.scripts.shell.Script, script: x}
          - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
        errors:
          - {id: inner_error, type: io.kestra.plugin.core.log.Log, message: e}
      - {id: d, type: io.kestra.plugin.scripts.shell.Script, script: x}
errors:
  - {id: outer_error, type: io.kestra.plugin.scripts.shell.Script, script: x}
finally:
  - {id: tidy, type: io.kestra.plugin.core.log.Log, message: tidy}
""",
    """
id: looping
namespace: sim
concurrency: {limit: 1}
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1, 2, 3, 4]
    concurrencyLimit: 2
    outputs: [{id: o, type: STRING, value: "{{ outputs.work.value }} {{ outputs.before.value ?? 'none' }}"}]
    tasks:
      - {id: work, type: io.kestra.plugin.scripts.shell.Script, script: x}
      - {id: said, type: io.kestra.plugin.core.log.Log, message: "{{ item.value }}"}
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: sim, flowId: called, wait: true}
  - {id: count, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.loop.outputs | length }}"}
""",
    """
id: called
namespace: sim
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b, c]
    concurrencyLimit: 2
    tasks:
      - {id: turn, type: io.kestra.plugin.scripts.shell.Script, script: x}
      - {id: told, type: io.kestra.plugin.core.log.Log, message: "{{ taskrun.value }}"}
""",
]


def simulate(seed: int) -> World:
    """Run it; raises `Violation` (or whatever broke) when something is not as it must be."""
    return asyncio.run(_simulate(seed))


async def _simulate(seed: int) -> World:
    """All in one go: there is a loop for those who ask for it, but nothing is ever waited for."""
    world = World(seed, SOURCES)
    ids = world.start(7)
    kills = world.chance.random() < 0.3
    for turn in range(TROUBLE):
        world.turn()
        if kills and turn == TROUBLE // 3:
            world.kill_one(ids)
        if turn % LOOK == 0:
            check_next_events(world)
    world.faults.healed = True
    for turn in range(HEALING):
        world.turn()
        if turn % 100 == 0:
            check_next_events(world)
            world.clock.advance(timedelta(seconds=5))
            if _all_over(world):
                break
    check(world, ids, kills)
    return world


def _all_over(world: World) -> bool:
    rows = at_once(world.store.executions.search(Search(limit=100)))
    return all(row.state.ended for row in rows) and not world.network and not world.waiting_events()


def check_next_events(world: World) -> None:
    """No live execution is without a next event: a job, a timer, a child, a queue, or a message on its way."""
    for row in at_once(world.store.executions.search(Search(limit=1000, loops=True, states=LIVE))):
        pending = at_once(world.store.executions.pending(row.id))
        found = explain(pending, None, world.clock.now())
        if found.stuck and not world.on_its_way(row.id):
            raise Violation(f"execution {row.id} ({row.flow_id}) is {row.state}: {found.headline}")


def check(world: World, ids: list[str], kills: bool) -> None:
    """What must be true in the end."""
    if left := world.waiting_events():
        raise Violation(f"{left} events wait for ever")
    rows = {row.id: row for row in at_once(world.store.executions.search(Search(limit=1000, loops=True)))}
    if lost := [id for id in ids if id not in rows]:
        raise Violation(f"executions {lost} are gone")
    for id, row in rows.items():
        if not row.state.ended:
            raise Violation(f"execution {id} ({row.flow_id}) is {row.state} for ever")
        _check_journal(world, row)
        _check_runs(world, row, kills)


def _check_journal(world: World, row: Execution) -> None:
    journal = at_once(world.store.executions.journal(row.id))
    if [entry.version for entry in journal] != list(range(1, row.version + 1)):
        raise Violation(f"the journal of {row.id} has gaps or doubles")
    folded = fold(journal)
    runs = at_once(world.store.executions.task_runs(row.id))
    if folded is None or folded.execution != row or list(folded.runs) != runs:
        raise Violation(f"the journal of {row.id} does not give its rows")


def _check_runs(world: World, row: Execution, kills: bool) -> None:
    runs = at_once(world.store.executions.task_runs(row.id))
    keys = [(run.parent_id, run.place) for run in runs]
    if len(keys) != len(set(keys)):
        raise Violation(f"a task of {row.id} is recorded twice")
    if open_runs := [run.task_id for run in runs if not run.state.ended]:
        raise Violation(f"{row.id} has ended and {open_runs} have not")
    for history in (row.history, *(run.history for run in runs)):
        _check_history([change.state for change in history])
    if row.state is State.KILLED and kills:
        return
    if row.kind is Kind.LOOP:
        if [run.task_id for run in runs] != ["work", "said"] or row.state is not State.SUCCESS:
            raise Violation(f"iteration {row.id} came to {row.state}")
        return
    if row.flow_id == "looping":
        _check_loop(world, row, runs)
    found = {run.task_id: (run.state.value, len(run.attempts)) for run in runs}
    if (row.state.value, found) != expected(world, row.flow_id):
        raise Violation(f"{row.flow_id} came to {row.state} {found}, not {expected(world, row.flow_id)}")


def _check_loop(world: World, row: Execution, runs: list[TaskRun]) -> None:
    """Four iterations, each once, with what each gave back in its place."""
    outputs = at_once(world.store.executions.outputs([run.id for run in runs]))
    results = outputs[runs[0].id]["outputs"]
    values = [(one["item"]["value"], one["outputs"]["o"]) for one in results]
    if values != [(str(number), "work-0 none") for number in range(1, 5)]:
        raise Violation(f"the loop of {row.id} gave {values}")


def _check_history(states: list[State]) -> None:
    for before, after in pairwise(states):
        if after is before or after not in TRANSITIONS[before]:
            raise Violation(f"a history goes from {before} to {after}")


def expected(world: World, flow_id: str) -> tuple[str, dict[str, tuple[str, int]]]:
    """What the flow comes to when nothing goes wrong around it: its state, and each task's state and attempts."""
    done, bad = ("SUCCESS", 1), ("FAILED", 1)
    if flow_id == "sequence":
        attempts = 2 if world.failed_tasks else 1
        others = dict.fromkeys(("one", "inline", "pairs", "p1", "p2", "p3"), done)
        return "SUCCESS", {**others, "flaky": ("SUCCESS", attempts)}
    if flow_id == "looping":
        return "SUCCESS", dict.fromkeys(("loop", "sub", "count"), done)
    if flow_id == "called":
        return "SUCCESS", dict.fromkeys(("each", "turn", "told"), done)
    if not world.failed_tasks:
        return "SUCCESS", dict.fromkeys(("all", "a", "inner", "b", "bad", "c", "d", "tidy"), done)
    fine = dict.fromkeys(("a", "b", "d", "inner_error", "outer_error", "tidy"), done)
    return "FAILED", {**fine, "all": bad, "inner": bad, "bad": bad}
