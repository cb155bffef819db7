"""How an execution has ended, and because of what: a task run, a promise that was not kept, a person."""

from __future__ import annotations

from kapell.engine.scene import Scene
from kapell.engine.sla import ENDS
from kapell.model.state import State
from kapell.model.task_run import Branch, TaskRun


def ending(scene: Scene, error: str | None) -> str:
    """One sentence; `error` is the last error line of its log."""
    execution = scene.pending.execution
    said = f"It has ended {execution.state}"
    if execution.state in (State.SUCCESS, State.SKIPPED):
        return said
    if execution.state is State.RETRIED:
        return f"{said}: {_next_try(scene)}"
    reason = _promise(scene) or _culprit(scene) or _turned_away(scene) or execution.error or error
    if execution.state is State.KILLED and not reason:
        return f"{said}: it was killed before any of its tasks ran"
    return f"{said}: {reason}" if reason else said


def _next_try(scene: Scene) -> str:
    """Its flow's retry has made a new execution, which may have ended meanwhile."""
    execution = scene.pending.execution
    following = [one for one in scene.pending.children if one.attempt_number > execution.attempt_number]
    name = f"execution {following[0].id}" if following else "another execution"
    return f"it was given up, and {name} tries again"


def _promise(scene: Scene) -> str | None:
    execution = scene.pending.execution
    for sla in scene.flow.sla if scene.flow else ():
        id = str(sla["id"])
        if id in execution.broken and ENDS.get(str(sla.get("behavior"))) is execution.state:
            return f"it has not kept its SLA `{id}`"
    return None


def _culprit(scene: Scene) -> str | None:
    """The innermost of the task runs that share its end, the first of them; those of `errors` come last."""
    state = scene.pending.execution.state
    alike = [run for run in scene.pending.runs if run.state is state]
    above = {run.parent_id for run in alike}
    inner = sorted((run for run in alike if run.id not in above), key=_rank)
    if not inner:
        return None
    run, others = inner[0], len(inner) - 1
    more = f", and {others} more" if others else ""
    if state is State.KILLED:
        return f"it was killed while {scene.name(run)} was under way{more}"
    why = f": {run.error}" if run.error else ""
    tries = f" after {len(run.attempts)} attempts" if len(run.attempts) > 1 else ""
    return f"{scene.name(run)} has ended {run.state}{tries}{more}{why}"


def _rank(run: TaskRun) -> tuple[bool, int]:
    return run.branch is not Branch.TASKS, run.number


def _turned_away(scene: Scene) -> str | None:
    limit = scene.flow.concurrency if scene.flow else None
    execution = scene.pending.execution
    if limit is None or execution.next_run or execution.state not in (State.FAILED, State.CANCELLED):
        return None
    return f"{limit.limit} executions of its flow ran already, as many as may"
