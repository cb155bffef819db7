"""Loops whose iterations are executions of their own: so many at a time, each one counted when it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec.structs import replace

from kapell.engine.advance import end
from kapell.engine.call import child_id, link
from kapell.engine.draft import Draft
from kapell.engine.finish import running
from kapell.engine.order import OrderFor
from kapell.engine.variables import item_of, result_key
from kapell.errors import RenderError
from kapell.ids import derived_id
from kapell.model.execution import Kind, LoopRun, StateChange
from kapell.model.log import Level
from kapell.model.messages import ChildEnded, ExecutionCreated, NewExecution, RestartAsked
from kapell.model.read import Read
from kapell.model.state import State
from kapell.model.task_run import Attempt, Outputs, TaskRun
from kapell.sdk.registry import find_task
from kapell.sdk.task import LoopingTask, TaskFailed, Turns
from kapell.sdk.truth import truthy

MOST_AT_ONCE = 1000
"""How many iterations run at the same time where a loop sets no limit."""


def loop(draft: Draft, run: TaskRun) -> None:
    """Begin a loop: its first iterations, or again those that have failed."""
    failed = run.memo.get("failed")
    if run.state is State.RESTARTED and isinstance(failed, list) and failed and _is_own(run):
        _again(draft, run, failed)
        return
    if run.state is State.RESTARTED and run.memo.get("begun") and _is_own(run):
        # Kestra: its sentence for a loop that did not fail by one of its iterations.
        raise TaskFailed("No restartable loop sub-execution found")
    turns = bound(draft, run).turns(lambda address: text_of(draft, address))
    outputs = _counts(len(turns.values), 0, {}) | _offset(turns)
    if not turns.values:
        end(draft, draft.make_outputs(run, outputs), State.SUCCESS)
        return
    attempt = Attempt((StateChange(State.CREATED, draft.now),))
    memo: dict[str, object] = {
        "of": run.id,
        "begun": 0,
        "count": len(turns.values),
        "limit": min(turns.limit, MOST_AT_ONCE) or MOST_AT_ONCE,
        "transmit": turns.transmit_failed,
        "break_when": turns.break_when,
        "offset": turns.next_offset,
        "store": turns.store,
        "terminated": {},
    }
    run = running(draft, replace(run, attempts=(*run.attempts, attempt), memo=memo), draft.now, None)
    draft.keep_aside(values_key(run), {"values": list(turns.values), "keys": list(turns.keys)})
    _begin(draft, run, int(str(memo["limit"])))


def bound(draft: Draft, run: TaskRun) -> LoopingTask:
    """The loop with its properties rendered."""
    task = draft.node(run).task
    found = find_task(task.type).bind(task.properties, OrderFor(draft, run).value)
    assert isinstance(found, LoopingTask)
    return found


def iteration_ended(draft: Draft, run: TaskRun, event: ChildEnded) -> bool:
    """Count it, and begin the next one or end the loop."""
    index = event.index if event.index is not None else -1
    known = draft.outputs_aside(result_key(run, index))
    if run.state.ended or has_told(known, event):
        return False
    terminated = _map(run.memo.get("terminated"))
    name, counted = event.state.value, counted_as(known, event)
    memo: dict[str, object] = {**run.memo, "terminated": terminated}
    if counted:
        # An end that did not last: a person has begun it anew, or has said what its state is.
        terminated[str(counted)] = int(str(terminated[str(counted)])) - 1
        memo["failed"] = [other for other in _list(memo.get("failed")) if other != index]
    terminated[name] = int(str(terminated.get(name, 0))) + 1
    draft.keep_aside(result_key(run, index), told(known, event))
    if event.state in (State.FAILED, State.KILLED) and memo.get("transmit"):
        memo["failed"] = [*_list(memo.get("failed")), index]
        flow = draft.execution
        shown = link(event.child_id, flow.flow_id, flow.namespace)
        draft.log(
            Level.ERROR,
            f"Loop iteration {index} ended in {name} in sub-execution {shown}, check that execution's logs for details",
            run,
        )
    run = draft.put(replace(run, memo=memo))
    if not memo.get("failed") and not memo.get("broken") and _breaks(draft, run, event, index):
        run = draft.put(replace(run, memo={**run.memo, "broken": True}))
    if run.state is State.RUNNING and not run.memo.get("failed") and not run.memo.get("broken"):
        run = _begin(draft, run, int(str(run.memo["limit"])) - _running(run))
    if _running(run) == 0:
        _close(draft, run)
    return True


def has_told(known: Outputs, event: ChildEnded) -> bool:
    """Whether the end of an iteration, or batch, is among those that have been heard of."""
    return event.id in _list(known.get("told"))


def told(known: Outputs, event: ChildEnded) -> Outputs:
    """What is kept of an end: all that were told of the same one, what it was counted as, and its outputs."""
    ids = [*_list(known.get("told")), event.id]
    return {"told": ids, "child": _child(event), "state": event.state.value, "outputs": event.outputs}


def counted_as(known: Outputs, event: ChildEnded) -> object:
    """The state as which an earlier end of the same execution counts; None where there was none, or it does not."""
    return known.get("state") if known.get("child") == _child(event) else None


def _child(event: ChildEnded) -> str:
    return event.original_id or event.child_id


def not_counted(draft: Draft, run: TaskRun, index: int) -> None:
    """Its end does not count any more: another one is waited for."""
    key = result_key(run, index)
    draft.keep_aside(key, {**draft.outputs_aside(key), "state": None})


def started_children(run: TaskRun) -> list[str]:
    """The executions that a loop has begun, ended ones among them."""
    begun = int(str(run.memo.get("begun", 0))) if _is_own(run) else 0
    return [iteration_id(run, index) for index in range(begun)]


def _is_own(run: TaskRun) -> bool:
    """Whether the run has begun its iterations itself; in a replay it may have taken over those of another."""
    return run.memo.get("of", run.id) == run.id


def iteration_id(run: TaskRun, index: int) -> str:
    """The execution of an iteration; what is begun all anew has others.

    Each 64 of them sort a millisecond after those before, so that a store has neighbours side by side.
    """
    again = run.memo.get("round")
    at = run.history[0].at + timedelta(milliseconds=index // 64)
    return child_id(run, at, "loop", index, *((again,) if again else ()))


def values_key(run: TaskRun) -> str:
    """Under which name a loop's values are kept beside its outputs."""
    return f"{run.id}-values"


def _begin(draft: Draft, run: TaskRun, most: int) -> TaskRun:
    """Start up to `most` further iterations."""
    first, count = int(str(run.memo["begun"])), int(str(run.memo["count"]))
    last = min(count, first + most)
    if first >= last:
        return run
    kept = draft.outputs_aside(values_key(run))
    values, keys = _list(kept.get("values")), _list(kept.get("keys"))
    for index in range(first, last):
        draft.start(_iteration(draft, run, index, str(values[index]), str(keys[index]) if keys else None))
    return draft.put(replace(run, memo={**run.memo, "begun": last}))


def _iteration(draft: Draft, run: TaskRun, index: int, value: str, key: str | None) -> NewExecution:
    outer = draft.execution
    parents = (replace(outer.loop_run, parents=()), *outer.loop_run.parents) if outer.loop_run else ()
    id = iteration_id(run, index)
    execution = replace(
        outer,
        id=id,
        state=State.CREATED,
        history=(StateChange(State.CREATED, draft.now),),
        kind=Kind.LOOP,
        version=0,
        next_run=0,
        outputs=None,
        parent_id=outer.id,
        parent_run_id=run.id,
        original_id=id,
        held=False,
        loop_run=LoopRun(
            parent_id=outer.id,
            task_id=run.task_id,
            task_run_id=run.id,
            index=index,
            value=value,
            key=key,
            parents=parents,
            store=bool(run.memo.get("store")),
        ),
        depth=outer.depth + 1,
    )
    event = ExecutionCreated(id=derived_id(id, "created"), execution_id=id, at=draft.now)
    return NewExecution(execution=execution, event=event)


def _again(draft: Draft, run: TaskRun, failed: Sequence[object]) -> None:
    """Restart the iterations that have failed; those that never began follow."""
    terminated = _map(run.memo.get("terminated"))
    terminated.pop(State.FAILED.value, None)
    terminated.pop(State.KILLED.value, None)
    attempt = Attempt((StateChange(State.CREATED, draft.now),))
    memo = {**run.memo, "terminated": terminated, "failed": []}
    run = running(draft, replace(run, attempts=(*run.attempts, attempt), memo=memo), draft.now, None)
    for index in failed:
        not_counted(draft, run, int(str(index)))
        id = f"{run.id}-{len(run.history)}-restart-{index}"
        draft.send(RestartAsked(id=id, execution_id=iteration_id(run, int(str(index))), at=draft.now, by_parent=True))


def _close(draft: Draft, run: TaskRun) -> None:
    memo = run.memo
    count, terminated = int(str(memo["count"])), _map(memo.get("terminated"))
    outputs = _counts(count, 0, terminated)
    if memo.get("offset") is not None:
        outputs["nextOffset"] = memo["offset"]
    if draft.node(run).task.properties.get("outputs") and (results := _results(draft, run)):
        outputs["outputs"] = results
    run = draft.make_outputs(run, outputs)
    failed = bool(memo.get("failed"))
    end(draft, run, State.KILLED if run.state is State.KILLING else State.FAILED if failed else State.SUCCESS)


def _results(draft: Draft, run: TaskRun) -> list[object]:
    kept = draft.outputs_aside(values_key(run))
    values, keys = _list(kept.get("values")), _list(kept.get("keys"))
    found: list[object] = []
    for index in range(int(str(run.memo["begun"]))):
        result = draft.outputs_aside(result_key(run, index))
        if result.get("outputs"):
            item = {"value": values[index], "iteration": index} | ({"key": keys[index]} if keys else {})
            found.append({"item": item, "outputs": result.get("outputs")})
    return found


def _breaks(draft: Draft, run: TaskRun, event: ChildEnded, index: int) -> bool:
    condition = run.memo.get("break_when")
    if condition is None:
        return False
    kept = draft.outputs_aside(values_key(run))
    values, keys = _list(kept.get("values")), _list(kept.get("keys"))
    seen = {
        "item": item_of(index, str(values[index]), str(keys[index]) if keys else None, ()),
        "iteration": {
            "executionId": event.child_id,
            "state": event.state.value,
            "outputs": event.outputs or {},
        },
    }
    try:
        return truthy(draft.render_with(condition, run, seen))
    except RenderError as error:
        draft.log(Level.WARN, error.message, run)
        return False


def _running(run: TaskRun) -> int:
    terminated = _map(run.memo.get("terminated"))
    return int(str(run.memo["begun"])) - sum(int(str(count)) for count in terminated.values())


def _counts(count: int, active: int, terminated: Mapping[str, object]) -> dict[str, object]:
    return {"iterationCount": count, "runningIterations": active, "terminatedIterations": dict(terminated)}


def _offset(turns: Turns) -> dict[str, object]:
    return {} if turns.next_offset is None else {"nextOffset": turns.next_offset}


def text_of(draft: Draft, address: str) -> str:
    """What is stored at an address."""
    return str(draft.read(Read(kind="file", name=address, scope=draft.execution.namespace)))


def _map(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    """The list itself, never a copy: a loop may have ten thousand values."""
    return value if isinstance(value, list | tuple) else ()
