"""Builders with good defaults for the values of `kapell.model`; whatever a test cares about it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from msgspec.structs import replace

from kapell.ids import derived_id, new_id
from kapell.model.execution import Execution, StateChange
from kapell.model.log import Level, LogLine, Metric
from kapell.model.messages import (
    CancelTask,
    Event,
    ExecutionCreated,
    Job,
    KillAsked,
    NewExecution,
    RunTask,
    Step,
    TaskFinished,
    Timer,
    TimerKind,
)
from kapell.model.state import State
from kapell.model.task_run import Attempt, Place, TaskRun
from kapell.ports.flows import StoredFlow

NOW = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

_numbers = count(1)


def execution(state: State = State.CREATED, **given: object) -> Execution:
    """An execution of `company.team/hello`, a root unless `root_id` is given; each has a later id than the one before.

    Its history is CREATED and, where it is another, `state`.
    """
    id = given.pop("id", None) or _id()
    states = [State.CREATED] if state is State.CREATED else [State.CREATED, state]
    facts: dict[str, object] = {
        "root_id": id,
        "namespace": "company.team",
        "flow_id": "hello",
        "revision": 1,
        "state": state,
        "history": tuple(StateChange(each, NOW) for each in states),
    }
    return Execution(id=id, **(facts | given))


def child(parent: Execution, **given: object) -> Execution:
    """An execution that one of `parent`'s tasks started."""
    return execution(**({"root_id": parent.root_id, "parent_id": parent.id} | given))


def created(of: Execution | None = None, *, key: str | None = None, digest: str | None = None) -> NewExecution:
    """A new execution with the event that starts it."""
    new = of or execution()
    event = ExecutionCreated(id=derived_id(new.id, "created"), execution_id=new.id, at=new.created)
    return NewExecution(execution=new, event=event, idempotency_key=key, request_digest=digest)


def kill_asked(of: Execution, *, id: str | None = None) -> KillAsked:
    """An event that needs nothing but an execution."""
    return KillAsked(id=id or _id(), execution_id=of.id, at=NOW)


def step(before: Execution, event: Event | None = None, *, to: State | None = None, **given: object) -> Step:
    """The step after `before`: the next version, moved on to `to`, with what else it changes."""
    after = before if to is None else before.to(to, NOW)
    after = replace(after, version=before.version + 1)
    return Step(event=event or kill_asked(before), execution=after, **given)


def idle(before: Execution, event: Event | None = None, **given: object) -> Step:
    """A step that leaves everything as it was."""
    return Step(event=event or kill_asked(before), execution=before, changed=False, **given)


def task_run(
    of: Execution, task_id: str = "hello", *, number: int = 0, state: State = State.CREATED, **given: object
) -> TaskRun:
    """A task run at the top of `of`, with an attempt as soon as it is more than created."""
    place = Place(task_id, given.get("value"), given.get("iteration"))
    history = tuple(StateChange(each, NOW) for each in dict.fromkeys((State.CREATED, state)))
    facts: dict[str, object] = {
        "id": derived_id(of.id, given.get("parent_id"), *place),
        "attempts": () if state is State.CREATED else (Attempt(history),),
        "history": history,
    }
    return TaskRun(execution_id=of.id, task_id=task_id, number=number, state=state, **(facts | given))


def finished(run: TaskRun, *, outputs: Mapping[str, object] | None = None, **given: object) -> TaskFinished:
    """A worker's word that the last attempt of `run` ended well."""
    facts: dict[str, object] = {
        "id": derived_id(run.id, max(run.attempt, 0), "finished"),
        "at": NOW,
        "attempt": max(run.attempt, 0),
        "state": State.SUCCESS,
        "outputs": outputs,
    }
    return TaskFinished(execution_id=run.execution_id, task_run_id=run.id, **(facts | given))


def job(run: TaskRun, *, group: str = "") -> Job:
    """The job of `run`'s last attempt."""
    attempt = max(run.attempt, 0)
    return Job(
        id=f"{run.id}-{attempt}",
        execution_id=run.execution_id,
        task_run_id=run.id,
        attempt=attempt,
        namespace="company.team",
        flow_id="hello",
        revision=1,
        task_id=run.task_id,
        worker_group=group,
    )


def run_task(run: TaskRun, *, group: str = "") -> RunTask:
    """The command to run `run`'s last attempt on a worker."""
    return RunTask(job=job(run, group=group), variables={})


def cancel_task(run: TaskRun) -> CancelTask:
    """The command to stop it."""
    attempt = max(run.attempt, 0)
    return CancelTask(execution_id=run.execution_id, task_run_id=run.id, attempt=attempt)


def timer(of: Execution, *, due: datetime = NOW + MINUTE, id: str | None = None, **given: object) -> Timer:
    """Something due a minute from now."""
    facts: dict[str, object] = {"kind": TimerKind.TIMEOUT}
    return Timer(id=id or _id(), execution_id=of.id, due=due, **(facts | given))


def line(run: TaskRun, message: str = "hello", *, number: int = 0, **given: object) -> LogLine:
    """A line of `run`'s log."""
    facts: dict[str, object] = {
        "namespace": "company.team",
        "flow_id": "hello",
        "level": Level.INFO,
        "at": NOW,
        "task_id": run.task_id,
        "task_run_id": run.id,
    }
    return LogLine(execution_id=run.execution_id, message=message, number=number, **(facts | given))


def metric(run: TaskRun, name: str = "rows", value: float = 1.0, **given: object) -> Metric:
    """A counter that `run` published."""
    facts: dict[str, object] = {
        "namespace": "company.team",
        "flow_id": "hello",
        "task_id": run.task_id,
        "task_run_id": run.id,
        "kind": "counter",
        "at": NOW,
    }
    return Metric(execution_id=run.execution_id, name=name, value=value, **(facts | given))


def stored_flow(id: str = "hello", source: str | None = None, **given: object) -> StoredFlow:
    """A flow of `company.team`, revision 1."""
    facts: dict[str, object] = {"namespace": "company.team", "revision": 1}
    return StoredFlow(id=id, source=source or f"id: {id}\n", **(facts | given))


def _id() -> str:
    """Ids that grow with each call, the same in every run."""
    number = next(_numbers)
    return new_id(NOW + number * timedelta(milliseconds=1), lambda size: bytes(size))
