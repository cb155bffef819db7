"""A new execution out of an old one: from its start, or from one of its task runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from kapell.engine.program import Program, compiled
from kapell.engine.tree import Tree
from kapell.errors import NotFound
from kapell.ids import derived_id
from kapell.model.execution import Execution, StateChange
from kapell.model.flow import Flow
from kapell.model.messages import ExecutionCreated, ExecutionReplayed, NewExecution
from kapell.model.state import State
from kapell.model.task_run import Branch, Outputs, TaskRun, run_id
from kapell.sdk.pausing import PausingTask

REPLAY_LABEL = "system.replay"


def replay(
    tree: Tree,
    outputs: Mapping[str, Outputs],
    flow: Flow,
    *,
    id: str,
    now: datetime,
    inputs: Mapping[str, object],
    from_run: str | None = None,
    label: str = REPLAY_LABEL,
) -> NewExecution:
    """A new execution that does it again, by `flow` (perhaps another revision) and with `inputs`.

    From a task run on: those that come after it in the flow are left out, all others are taken over with histories
    and outputs. Raises `NotFound` where there is no such task run.
    """
    old = tree.execution
    new = replace(
        old,
        id=id,
        root_id=id,
        revision=flow.revision,
        version=0,
        held=False,
        inputs=inputs,
        outputs=None,
        variables=flow.variables if flow.revision != old.revision or from_run is None else old.variables,
        labels={**old.labels, label: "true"},
        parent_id=old.id,
        parent_run_id=None,
        original_id=old.original_id or old.id,
        attempt_number=old.attempt_number + 1,
        error=None,
    )
    if from_run is None:
        return _from_start(new, now)
    if from_run not in tree.runs:
        raise NotFound(f"Execution '{old.id}' has no task run '{from_run}'")
    kept = _kept(tree, compiled(flow), tree.runs[from_run], now)
    return _from_runs(new, kept, outputs, now)


def _from_start(new: Execution, now: datetime) -> NewExecution:
    new = replace(new, state=State.CREATED, history=(StateChange(State.CREATED, now),), next_run=0)
    event = ExecutionCreated(id=derived_id(new.id, "created"), execution_id=new.id, at=now)
    return NewExecution(execution=new, event=event)


def _from_runs(new: Execution, kept: list[TaskRun], outputs: Mapping[str, Outputs], now: datetime) -> NewExecution:
    new = replace(new, state=State.RESTARTED, history=(*new.history, StateChange(State.RESTARTED, now)))
    ids = {run.id: run_id(new.id, number) for number, run in enumerate(kept)}
    runs = tuple(
        replace(
            run,
            id=ids[run.id],
            execution_id=new.id,
            parent_id=ids[run.parent_id] if run.parent_id else None,
            number=number,
            has_outputs=False,
        )
        for number, run in enumerate(kept)
    )
    event = ExecutionReplayed(
        id=derived_id(new.id, "replayed"),
        execution_id=new.id,
        at=now,
        runs=runs,
        outputs={ids[run.id]: outputs[run.id] for run in kept if run.id in outputs},
    )
    return NewExecution(execution=replace(new, next_run=len(runs)), event=event)


def _kept(tree: Tree, program: Program, chosen: TaskRun, now: datetime) -> list[TaskRun]:
    """The runs to take over, parents before children: the chosen one and all above it opened again."""
    chosen = _whole(tree, program, chosen)
    line = _line(tree, chosen)
    starts_over = _starts_over(program, chosen, bool(tree.children.get(chosen.id)))
    dropped = set(tree.children.get(chosen.id, ())) if starts_over else set()
    for run in line:
        for sibling_id in tree.children.get(run.parent_id, ()):
            sibling = tree.runs[sibling_id]
            if sibling.id != run.id and _follows(tree, program, run, sibling):
                dropped.add(sibling.id)
    opened = {run.id for run in line}
    found = []
    for run in sorted(tree.runs.values(), key=lambda run: run.number):
        if run.id in dropped or run.parent_id in dropped or run.branch is not Branch.TASKS:
            dropped.add(run.id)
        else:
            anew = run.id == chosen.id and (starts_over or not _is_flowable(program, run))
            found.append(_opened(run, anew, now) if run.id in opened else _going_on(program, run, now))
    return found


def _line(tree: Tree, run: TaskRun) -> list[TaskRun]:
    """A run and all it stands in, outwards."""
    line = [run]
    while line[-1].parent_id is not None:
        line.append(tree.runs[line[-1].parent_id])
    return line


def _whole(tree: Tree, program: Program, chosen: TaskRun) -> TaskRun:
    """The run to begin from: what shares a folder with others does not begin without them."""
    return next((run for run in reversed(_line(tree, chosen)) if _begins_anew(program, run)), chosen)


def _begins_anew(program: Program, run: TaskRun) -> bool:
    node = program.nodes.get(run.task_id)
    return node is not None and node.flowable is not None and node.flowable.restarts_whole


def _starts_over(program: Program, chosen: TaskRun, has_children: bool) -> bool:
    """Whether the chosen run begins anew with all that is in it: what has waited for a person waits again.

    So does a flowable that has failed to begin.
    """
    node = program.nodes.get(chosen.task_id)
    waited = node is not None and isinstance(node.flowable, PausingTask)
    return _begins_anew(program, chosen) or waited or not (has_children or chosen.memo)


def _is_flowable(program: Program, run: TaskRun) -> bool:
    node = program.nodes.get(run.task_id)
    return node is not None and node.flowable is not None


def _opened(run: TaskRun, anew: bool, now: datetime) -> TaskRun:
    """The chosen run, or one of those above it: it begins anew, or goes on with what is in it."""
    if anew:
        return _anew(run, now)
    run = run.to(State.KILLED, now) if run.state is State.KILLING else run
    return run if run.state is State.RUNNING else run.to(State.RUNNING, now)


def _going_on(program: Program, run: TaskRun, now: datetime) -> TaskRun:
    """A run beside the chosen one: where it has not ended, nobody works on it here, and it begins again."""
    open_flowable = run.state is State.RUNNING and _is_flowable(program, run)
    return run if run.state.ended or open_flowable else _anew(run, now)


def _anew(run: TaskRun, now: datetime) -> TaskRun:
    """A run as it begins again, whatever it was at."""
    begins = run.state in (State.CREATED, State.RESTARTED)
    return run if begins else run.to(_AGAIN.get(run.state, State.RESTARTED), now)


_AGAIN = {State.RETRYING: State.CREATED, State.KILLING: State.KILLED}


def _follows(tree: Tree, program: Program, run: TaskRun, sibling: TaskRun) -> bool:
    later = sibling.number > run.number
    parent = tree.runs[run.parent_id] if run.parent_id else None
    node = program.nodes.get(parent.task_id) if parent else None
    if node is None or node.flowable is None:
        return later
    return node.flowable.follows(run.place, sibling.place, later=later)
