"""What must be true of every execution: while it lives, and in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from kapell.engine import fold
from kapell.engine.explain import explain
from kapell.model.execution import Execution, StateChange
from kapell.model.messages import ExecutionReplayed, JournalRow, TaskFinished
from kapell.model.state import TRANSITIONS, State
from kapell.model.task_run import TaskRun
from simulation.faults import Violation
from simulation.instant import at_once
from simulation.people import People
from simulation.shape import Shapes, calm, fits
from simulation.world import World


def check_next_events(world: World) -> None:
    """No live execution is without a next event: a job, a timer, a child, a queue, or a message on its way."""
    for row in world.rows():
        if row.state.ended:
            continue
        pending = at_once(world.store.executions.pending(row.id))
        found = explain(pending, None, world.clock.now())
        if found.stuck and not world.on_its_way(row.id):
            raise Violation(f"execution {row.id} ({row.flow_id}) is {row.state}: {found.headline}")


def check(world: World, ids: list[str], people: People) -> None:
    """What must be true in the end."""
    rows = {row.id: row for row in world.rows()}
    if lost := [id for id in ids if id not in rows]:
        raise Violation(f"executions {lost} are gone")
    for row in rows.values():
        if not row.state.ended:
            raise Violation(f"execution {row.id} ({row.flow_id}) is {row.state} for ever")
        _check_runs(world, row)
        _check_journal(world, row)
    _check_remains(world)
    _check_shapes(world, [rows[id] for id in ids], people)
    _check_triggers(world, people)


def _check_remains(world: World) -> None:
    if left := world.waiting_events():
        raise Violation(f"{left} events wait for ever")
    store = world.store.executions
    if jobs := [job.id for jobs in store._jobs.values() for job in jobs.values()]:
        raise Violation(f"jobs {jobs} are there for ever")


def _check_runs(world: World, row: Execution) -> None:
    runs = at_once(world.store.executions.task_runs(row.id))
    keys = [(run.parent_id, run.place) for run in runs]
    if len(keys) != len(set(keys)):
        raise Violation(f"a task of {row.id} is recorded twice")
    if open_runs := [run.task_id for run in runs if not run.state.ended]:
        raise Violation(f"{row.id} ({row.flow_id}) has ended {row.state} and {open_runs} have not")
    for history in (_own_history(world, row), *(run.history for run in runs)):
        _check_history(row.id, [change.state for change in history])
    taken_over = _taken_over(world, row)
    for run in runs:
        if run.id not in taken_over:
            _check_attempts(run)


def _check_attempts(run: TaskRun) -> None:
    """The last attempt has ended with its run; one that was taken over by a replay stays as it was."""
    if run.attempts and run.state is not State.RETRIED and not run.attempts[-1].state.ended:
        state = run.attempts[-1].state
        raise Violation(f"task run {run.task_id} of {run.execution_id} is {run.state}, its attempt is {state}")


def _taken_over(world: World, row: Execution) -> set[str]:
    """The task runs that a replay has taken over from another execution as they were."""
    first, *_ = at_once(world.store.executions.journal(row.id))
    return {run.id for run in first.event.runs} if isinstance(first.event, ExecutionReplayed) else set()


def _own_history(world: World, row: Execution) -> Sequence[StateChange]:
    """Without what a replay has taken over from another execution, whatever that was at."""
    first, *_ = at_once(world.store.executions.journal(row.id))
    taken_over = isinstance(first.event, ExecutionReplayed)
    return row.history[len(first.execution.history) - 1 :] if taken_over else row.history


def _check_history(id: str, states: list[State]) -> None:
    for before, after in pairwise(states):
        if after not in TRANSITIONS[before]:
            raise Violation(f"a history of {id} goes from {before} to {after}")


def _check_journal(world: World, row: Execution) -> None:
    journal = at_once(world.store.executions.journal(row.id))
    if [entry.version for entry in journal] != list(range(1, row.version + 1)):
        raise Violation(f"the journal of {row.id} has gaps or doubles")
    events = Counter(entry.event.id for entry in journal if not _undone(entry))
    if twice := [id for id, count in events.items() if count > 1]:
        raise Violation(f"the journal of {row.id} has {twice} twice")
    folded = fold(journal)
    runs = at_once(world.store.executions.task_runs(row.id))
    if folded is None or folded.execution != row or list(folded.runs) != runs:
        raise Violation(f"the journal of {row.id} does not give its rows")
    if folded.outputs != at_once(world.store.executions.outputs(list(folded.outputs))):
        raise Violation(f"the journal of {row.id} does not give its outputs")


def _undone(entry: JournalRow) -> bool:
    """Whether an attempt was as if it had never been: what could not even be applied has the same one once more."""
    return isinstance(entry.event, TaskFinished) and any(
        run.id == entry.event.task_run_id and not run.attempts for run in entry.runs
    )


def _check_shapes(world: World, roots: list[Execution], people: People) -> None:
    """Every execution that nobody has touched has come to what it comes to where nothing goes wrong."""
    shapes = Shapes(world)
    for row in roots:
        if any(one.id in people.touched for one in shapes.family(row)):
            continue
        shape = shapes.of(row)
        if not fits(shape, row, world.failed_tasks):
            raise Violation(f"{row.flow_id} came to\n{shape}, not to\n{calm(row.flow_id, world.failed_tasks)}")


def _check_triggers(world: World, people: People) -> None:
    """A trigger has fired once for each end that it waits for, whatever people have done, and for no end twice."""
    fired = {id: Counter(causes(world, id)) for id in ("heard", "paired")}
    for row in world.of("sequence"):
        if row.id not in people.touched and fired["heard"][row.id] != 1:
            raise Violation(f"sequence {row.id} has ended once and was heard {fired['heard'][row.id]} times")
    pairs = min(len(world.of("sequence")), len(world.of("ending")))
    if not people.touched and fired["paired"].total() > pairs:
        raise Violation(f"{pairs} pairs have fired {fired['paired'].total()} times")
    if not people.touched and (twice := [id for id, count in fired["paired"].items() if count > 1]):
        raise Violation(f"{twice} have completed more than one pair")


def causes(world: World, flow_id: str) -> list[object]:
    """The executions whose end has fired the trigger of a flow."""
    fired = [row for row in world.of(flow_id) if row.trigger is not None and row.original_id in (None, row.id)]
    return [row.trigger.variables["executionId"] for row in fired if row.trigger is not None]
