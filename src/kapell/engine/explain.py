"""Why an execution is where it is: what its next event will come from, who holds it up, and what would free it.

It reads rows only, so that it can answer for executions whose flow is gone, and beside the process that runs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from kapell.engine.ended import ending
from kapell.engine.scene import DUE, Scene, Unexplained
from kapell.engine.wait import wait_of
from kapell.model.explanation import Deed, Explanation, Line, Pending, Wait, WaitKind
from kapell.model.flow import Flow
from kapell.model.messages import Event, TimerKind
from kapell.model.state import State

TOLD = {
    "ExecutionCreated": "it was created",
    "ExecutionReplayed": "it was made from another one",
    "TaskStarted": "a worker has begun",
    "TaskFinished": "a worker has told what a task has come to",
    "TimerFired": "a time has come",
    "SlotGiven": "it was given a slot",
    "ChildEnded": "an execution that it has started has ended",
    "Poisoned": "it can't go on and is to fail",
    "PauseAsked": "somebody has asked to pause it",
    "ResumeAsked": "somebody has asked to resume it",
    "ForceRunAsked": "somebody has asked to run it whatever it waits for",
    "RestartAsked": "somebody has asked to restart it",
    "StateAsked": "somebody has asked to change a state",
    "LabelsAsked": "somebody has asked to label it",
    "UnqueueAsked": "somebody has asked to take it out of its queue",
    "KillAsked": "somebody has asked to kill it",
}
"""What an event says that nobody has taken up yet."""


def explain(
    pending: Pending,
    flow: Flow | None,
    now: datetime,
    *,
    holders: Mapping[str, str | None] | None = None,
    line: Line | None = None,
    error: str | None = None,
    owned: bool = True,
) -> Explanation:
    """What the execution waits for, or how it has ended; `stuck` tells that nothing was found.

    `holders` are the jobs that workers know of, each with the worker that has it, None where that can't be asked;
    `line` is the queue of its flow, `error` the last error of its log. `owned` is whether an executor has it.
    """
    scene = Scene(pending, flow, now, holders)
    waits: list[Wait] = []
    unexplained: list[str] = []
    for found in (*_own_waits(scene, line), *_waits_of_runs(scene)):
        if isinstance(found, Wait):
            waits.append(found)
        elif not pending.events:
            unexplained.append(found.what)
    execution = pending.execution
    return Explanation(
        execution_id=execution.id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        version=execution.version,
        state=execution.state,
        since=execution.history[-1].at,
        headline=_headline(scene, waits, unexplained, error),
        waits=tuple(waits),
        unexplained=tuple(unexplained),
        notes=tuple(_notes(scene, owned)),
    )


def _own_waits(scene: Scene, line: Line | None) -> Iterator[Wait | Unexplained]:
    """What the execution waits for itself, not by one of its task runs."""
    execution = scene.pending.execution
    yield from map(_event, scene.pending.events)
    if execution.state is State.CREATED and (timer := scene.timer(TimerKind.BEGIN)) is not None:
        due = timer.due <= scene.now
        yield Wait(
            kind=WaitKind.BEGIN,
            what="it begins at its time",
            since=execution.created,
            until=timer.due,
            frees=DUE if due else "its time; force-run begins it now",
            deeds=(Deed.FORCE_RUN, Deed.KILL),
        )
    if execution.state is State.QUEUED:
        yield _queued(scene, line)
    if execution.held:
        yield Wait(
            kind=WaitKind.HELD,
            what="a person has paused it; what ran goes on to its end",
            since=_since(scene, State.PAUSED),
            frees="resume, by a person",
            deeds=(Deed.RESUME, Deed.KILL),
        )


def _event(event: Event) -> Wait:
    told = TOLD[type(event).__name__]
    return Wait(
        kind=WaitKind.EVENT,
        what=f"{told}, and no executor has taken that up yet",
        since=event.at,
        frees="the executor, in its next turn",
    )


def _queued(scene: Scene, line: Line | None) -> Wait | Unexplained:
    execution = scene.pending.execution
    flow = f"{execution.namespace}.{execution.flow_id}"
    common = (Deed.UNQUEUE, Deed.FORCE_RUN, Deed.KILL)
    since = _since(scene, State.QUEUED)
    if line is None or execution.id not in line.queued:
        return Wait(
            kind=WaitKind.QUEUE,
            what=f"it waits in the queue of {flow}",
            since=since,
            frees="the end of one of the flow's executions that run; unqueue runs it at once",
            deeds=common,
        )
    place = line.queued.index(execution.id) + 1
    if place <= line.free:
        return Unexplained(f"{flow} has a free slot, and nobody has given it to number {place} of its queue")
    behind = (*line.running, *line.queued[: place - 1])
    return Wait(
        kind=WaitKind.QUEUE,
        what=f"it is number {place} of {len(line.queued)} in the queue of {flow}, whose limit is {line.limit}",
        since=since,
        holders=behind,
        frees=f"the end of {_ends(place)} of those before it; unqueue runs it at once",
        deeds=common,
    )


def _ends(count: int) -> str:
    return "one" if count == 1 else str(count)


def _waits_of_runs(scene: Scene) -> Iterator[Wait | Unexplained]:
    """What its open task runs wait for; one with open runs inside waits for these."""
    for run in scene.open:
        found = wait_of(scene, run)
        if found is not None:
            yield found
        elif run.id not in scene.parents and not scene.pending.execution.held:
            yield Unexplained(f"{scene.name(run)} is {run.state}, and there is no job, timer or execution for it")


def _headline(scene: Scene, waits: list[Wait], unexplained: list[str], error: str | None) -> str:
    if scene.pending.execution.state.ended:
        text = ending(scene, error)
        return f"{text}; behind it {_first(waits)}" if waits else text
    if unexplained:
        return f"Nothing can bring it on: {unexplained[0]}"
    return _capital(_first(waits)) if waits else "Nothing can bring it on: it has no open task run and no event"


def _first(waits: list[Wait]) -> str:
    return waits[0].what + (f", and {len(waits) - 1} more" if len(waits) > 1 else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _notes(scene: Scene, owned: bool) -> Iterator[str]:
    execution = scene.pending.execution
    if execution.state.ended and not scene.open and not scene.pending.events:
        return
    for timer in scene.pending.timers:
        if timer.kind is TimerKind.SLA:
            yield f"its SLA `{timer.name}` is due at {timer.due:%Y-%m-%d %H:%M:%S} UTC"
    for id in execution.broken:
        yield f"it has not kept its SLA `{id}`"
    if not owned:
        yield "no kapell works on it at present; one that is started on its store goes on with it"


def _since(scene: Scene, state: State) -> datetime:
    """Since when it is in a state."""
    history = scene.pending.execution.history
    return next((change.at for change in reversed(history) if change.state is state), history[-1].at)
