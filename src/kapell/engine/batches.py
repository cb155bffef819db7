"""Batches of items, each worked on by an execution of another flow: so many at a time, each counted when it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from msgspec.structs import replace

from kapell.engine.advance import end
from kapell.engine.call import called, link, target
from kapell.engine.draft import Draft, plain_error
from kapell.engine.finish import running
from kapell.engine.loop import MOST_AT_ONCE, counted_as, has_told, iteration_id, not_counted, text_of, told, values_key
from kapell.engine.order import OrderFor
from kapell.engine.variables import result_key, variables
from kapell.errors import RenderError
from kapell.model.address import execution_folder, slug
from kapell.model.execution import StateChange
from kapell.model.log import Level
from kapell.model.messages import ChildEnded, NewExecution, RestartAsked
from kapell.model.read import ReadFailed
from kapell.model.state import State
from kapell.model.task_run import Attempt, TaskRun
from kapell.sdk.registry import find_task
from kapell.sdk.shape import Mismatch, Render
from kapell.sdk.task import BatchingTask, Call, TaskFailed

_WORST = (State.FAILED, State.KILLED, State.WARNING)


def batches(draft: Draft, run: TaskRun) -> None:
    """Begin with the first batches, or again with those that have failed."""
    own = run.state is State.RESTARTED and run.memo.get("begun") and run.memo.get("of") == run.id
    if own and draft.node(run).task.properties.get("restart_behavior") != "NEW_EXECUTION":
        run = _again(draft, run)
    else:
        run = _anew(draft, run)
    waits = _waits(draft, run)
    run = _begin(draft, run, MOST_AT_ONCE if waits else int(str(run.memo["count"])))
    if not waits or _under_way(run) == 0:
        _close(draft, run)


def _anew(draft: Draft, run: TaskRun) -> TaskRun:
    addresses = list(_bound(draft, run).batches(lambda address: text_of(draft, address)))
    attempt = Attempt((StateChange(State.CREATED, draft.now),))
    memo: dict[str, object] = {
        "of": run.id,
        "round": len(run.attempts),
        "begun": 0,
        "count": len(addresses),
        "ended": {},
        "failed": [],
        "restarted": 0,
    }
    run = running(draft, replace(run, attempts=(*run.attempts, attempt), memo=memo), draft.now, None)
    draft.keep_aside(values_key(run), {"values": addresses})
    return run


def batch_ended(draft: Draft, run: TaskRun, event: ChildEnded) -> bool:
    """Count it, and begin the next one or end the task; False when it has been told."""
    index = event.index if event.index is not None else -1
    key = result_key(run, index)
    known = draft.outputs_aside(key)
    if run.state.ended or index < 0 or has_told(known, event):
        return False
    draft.keep_aside(key, told(known, event))
    ended, counted = _ended(run), counted_as(known, event)
    if counted:
        ended[str(counted)] -= 1
    ended[event.state.value] += 1
    failed = [other for other in _failed(run) if other != index]
    failed += [index] if event.state is State.FAILED else []
    run = draft.put(replace(run, memo={**run.memo, "ended": dict(ended), "failed": failed}))
    if run.state is State.RUNNING and not counted:
        run = _begin(draft, run, 1)
    if _under_way(run) == 0:
        _close(draft, run)
    return True


def _bound(draft: Draft, run: TaskRun) -> BatchingTask:
    task = draft.node(run).task
    found = find_task(task.type).bind(task.properties, OrderFor(draft, run).value)
    assert isinstance(found, BatchingTask)
    return found


def _begin(draft: Draft, run: TaskRun, most: int) -> TaskRun:
    """Start up to `most` further executions; one that can't be started is the last, and fails the task."""
    first, count = int(str(run.memo["begun"])), int(str(run.memo["count"]))
    last = first
    try:
        bound = _bound(draft, run) if first < count else None
        addresses = cast(Sequence[str], draft.outputs_aside(values_key(run))["values"])
        while bound is not None and last < min(count, first + most):
            wanted = bound.call(_seeing(draft, run, addresses[last], last + 1))
            new = _execution(draft, run, wanted, last)
            draft.start(new)
            shown = link(new.execution.id, wanted.flow_id, wanted.namespace)
            draft.log(Level.INFO, f"Created new execution {shown}", run)
            last += 1
    except (TaskFailed, RenderError, ReadFailed, Mismatch, ValueError) as error:
        draft.log(Level.ERROR, plain_error(error), run)
        run = replace(run, memo={**run.memo, "count": last, "error": plain_error(error)})
    return draft.put(replace(run, memo={**run.memo, "begun": last}))


def _execution(draft: Draft, run: TaskRun, wanted: Call, index: int) -> NewExecution:
    more = {
        "taskRunIteration": index + 1,
        "taskRunOutputs": {
            "numberOfBatches": run.memo["count"],
            "uri": f"//{_folder(draft, run)}/{index + 1}/outputs.ion",
        },
    }
    return called(draft, run, wanted, target(draft, wanted), iteration_id(run, index), more, index)


def _seeing(draft: Draft, run: TaskRun, address: str, number: int) -> Render:
    """Renders in the place of the run, which is at this batch."""
    seen = variables(draft, draft.program, run, draft.read)
    seen["taskrun"] = {**cast(Mapping[str, object], seen["taskrun"]), "items": address, "iteration": number}
    return lambda value, typed: draft.renderer(value, seen, typed)


def _again(draft: Draft, run: TaskRun) -> TaskRun:
    """Restart the executions that have failed; what was killed stays so."""
    failed = _failed(run)
    bound = _bound(draft, run)
    addresses = cast(Sequence[str], draft.outputs_aside(values_key(run))["values"])
    restarted = int(str(run.memo["restarted"])) + len(failed)
    ended = {name: 0 if name == State.FAILED.value else count for name, count in _ended(run).items()}
    memo = {**run.memo, "ended": ended, "failed": [], "restarted": restarted, "count": len(addresses), "error": None}
    run = running(draft, replace(run, memo=memo), draft.now, None)
    for index in failed:
        not_counted(draft, run, index)
        wanted, id = bound.call(_seeing(draft, run, addresses[index], index + 1)), iteration_id(run, index)
        asked = f"{run.id}-{len(run.history)}-restart-{index}"
        draft.send(RestartAsked(id=asked, execution_id=id, at=draft.now))
        # Kestra: its word for a restarted one, too.
        draft.log(Level.INFO, f"Created new execution {link(id, wanted.flow_id, wanted.namespace)}", run)
    return run


def _close(draft: Draft, run: TaskRun) -> None:
    ended, error = _ended(run), run.memo.get("error")
    run = draft.make_outputs(run, _outputs(draft, run, ended))
    transmits = bool(draft.node(run).task.properties.get("transmit_failed", True))
    worst = next((state for state in _WORST if ended[state.value]), State.SUCCESS)
    state = State.FAILED if error else worst if transmits else State.SUCCESS
    end(draft, run, State.KILLED if run.state is State.KILLING else state, error=str(error) if error else None)


def _outputs(draft: Draft, run: TaskRun, ended: Mapping[str, int]) -> dict[str, object]:
    # Kestra: these states are named even where no execution is in them, restarted ones are counted for ever.
    created = 0 if _waits(draft, run) else int(str(run.memo["begun"]))
    iterations = {"CREATED": created, "RUNNING": 0, **ended}
    if restarted := run.memo["restarted"]:
        iterations["RESTARTED"] = int(str(restarted))
    return {
        "iterations": iterations,
        "numberOfBatches": run.memo["count"],
        "subflowOutputsBaseUri": _folder(draft, run),
    }


def _folder(draft: Draft, run: TaskRun) -> str:
    """Kestra: where the files of a task run lie; its executions leave their outputs there, ours tell them."""
    one = draft.execution
    return f"{execution_folder(one.namespace, one.flow_id, one.id)}/tasks/{slug(run.task_id)}/{run.id}"


def _waits(draft: Draft, run: TaskRun) -> bool:
    return bool(draft.node(run).task.properties.get("wait", True))


def _ended(run: TaskRun) -> Counter[str]:
    return Counter(cast(Mapping[str, int], run.memo.get("ended", {})))


def _failed(run: TaskRun) -> list[int]:
    return list(cast(Sequence[int], run.memo.get("failed", ())))


def _under_way(run: TaskRun) -> int:
    return int(str(run.memo["begun"])) - _ended(run).total()
