"""What one open task run waits for: the timer, job, execution or person that its next event comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kapell.engine.call import CHILD
from kapell.engine.person import PAUSED_TO, is_waiting
from kapell.engine.scene import DUE, Scene, Unexplained
from kapell.model.explanation import Deed, Wait, WaitKind
from kapell.model.flow import Task
from kapell.model.messages import Job, Timer, TimerKind
from kapell.model.state import State
from kapell.model.task_run import TaskRun
from kapell.sdk.pausing import asked_inputs, pausing_type

Found = Wait | Unexplained | None
KILL = (Deed.KILL,)
MOST_SHOWN = 10
"""How many iterations of a loop are named."""


def wait_of(scene: Scene, run: TaskRun) -> Found:
    """What a task run waits for by itself; None where only what runs inside of it can bring it on."""
    for look in _LOOKS:
        found = look(scene, run)
        if found is not None:
            return found
    return None


def _timer(scene: Scene, run: TaskRun) -> Found:
    for kind, (state, waits, what, frees, deeds) in _TIMED.items():
        timer = scene.timer(kind, run)
        if timer is not None and run.state is state:
            due = timer.due <= scene.now
            return Wait(
                kind=waits,
                what=what.format(name=scene.name(run), attempt=len(run.attempts) + 1),
                since=run.history[-1].at,
                until=timer.due,
                frees=DUE if due else frees,
                path=scene.path(run),
                task_run_id=run.id,
                holders=_workers(run) if waits is WaitKind.KILL_GRACE else (),
                deeds=deeds,
            )
    return None


_TIMED: Mapping[TimerKind, tuple[State, WaitKind, str, str, tuple[Deed, ...]]] = {
    TimerKind.KILL_GRACE: (
        State.KILLING,
        WaitKind.KILL_GRACE,
        "{name} was told to stop, and its worker has not said yet that it has",
        "the worker's word, or the end of its grace, when it counts as killed without it",
        (),
    ),
    TimerKind.RETRY: (
        State.RETRYING,
        WaitKind.RETRY,
        "{name} has failed, and its attempt {attempt} is to come",
        "the time of its next attempt; kill gives it up",
        KILL,
    ),
    TimerKind.SLEEP: (State.RUNNING, WaitKind.SLEEP, "{name} sleeps", "its time; only kill ends it sooner", KILL),
    TimerKind.TURN: (
        State.PAUSED,
        WaitKind.TURN,
        "{name} waits before it begins again",
        "the time of its next turn; resume begins it at once",
        (Deed.RESUME, Deed.KILL),
    ),
}
"""Which timer a task run in a state waits for, and how that is said."""


def _person(scene: Scene, run: TaskRun) -> Found:
    if not is_waiting(run):
        return None
    timer: Timer | None = scene.timer(TimerKind.PAUSE, run)
    task = scene.task(run)
    pausing = pausing_type(task) if task else None
    decides = pausing is not None and pausing.decides
    frees = f"{'approve or deny' if decides else 'resume'}, by a person{_asked(task)}"
    if timer is not None:
        over = "when it expires" if decides else f"when it ends {run.memo[PAUSED_TO]}"
        frees = DUE if timer.due <= scene.now else f"{frees}; else its time, {over}"
    return Wait(
        kind=WaitKind.PERSON,
        what=f"{scene.name(run)} waits for a person to {'approve or deny' if decides else 'resume the execution'}",
        since=run.history[-1].at,
        until=timer.due if timer else None,
        frees=frees,
        path=scene.path(run),
        task_run_id=run.id,
        deeds=(Deed.REVIEW if decides else Deed.RESUME, Deed.KILL),
    )


def _asked(task: Task | None) -> str:
    """What the person is asked for."""
    ids = [f"`{one.id}`" for one in asked_inputs(task)]
    return f" who gives {', '.join(ids)}" if ids else ""


def _job(scene: Scene, run: TaskRun) -> Found:
    job = scene.job(run)
    if job is None:
        return None
    known = scene.holders is None or job.id in scene.holders
    worker = scene.holders.get(job.id) if scene.holders else None
    if job.inline and worker is None:
        return _inline(scene, run)
    if not known:
        return Unexplained(f"{scene.name(run)} is {run.state}, and no worker has its job or has been offered it")
    workers = (worker,) if worker else _workers(run)
    limit = scene.timer(TimerKind.TIMEOUT, run)
    begun = job.work != "run" or run.state is not State.SUBMITTED
    return Wait(
        kind=WaitKind.WORKER,
        what=_work(scene, run, job, workers),
        since=run.history[-1].at,
        until=limit.due if limit else None,
        frees="its end, which comes of itself; kill ends it" if begun or workers else "a worker that takes it",
        path=scene.path(run),
        task_run_id=run.id,
        holders=workers,
        deeds=KILL,
    )


def _work(scene: Scene, run: TaskRun, job: Job, workers: tuple[str, ...]) -> str:
    name, worker = scene.name(run), f"worker {workers[0]}" if workers else "a worker"
    if job.work == "fill":
        return f"{worker} fills the folder of {name}"
    if job.work == "keep":
        return f"{worker} keeps what shall last of the folder of {name}"
    if run.state is State.SUBMITTED:
        return f"{name} was taken by {worker} and has not begun yet" if workers else f"{name} waits for a free worker"
    return f"{name} runs on {worker}"


def _inline(scene: Scene, run: TaskRun) -> Wait:
    return Wait(
        kind=WaitKind.INLINE,
        what=f"{scene.name(run)} is about to be done by the executor itself",
        since=run.attempts[-1].history[-1].at if run.attempts else run.history[-1].at,
        frees="the executor, in its next turn",
        path=scene.path(run),
        task_run_id=run.id,
        deeds=KILL,
    )


def _workers(run: TaskRun) -> tuple[str, ...]:
    last = run.attempts[-1].worker_id if run.attempts else None
    return (last,) if last else ()


def _child(scene: Scene, run: TaskRun) -> Found:
    id = run.memo.get(CHILD)
    if not isinstance(id, str):
        return None
    # One that is retried anew is waited for in its next try, which goes by the id of the first.
    child = next((child for child in scene.children(run) if id in (child.id, child.original_id)), None)
    if child is None:
        return Unexplained(f"{scene.name(run)} waits for execution {id}, which has ended or is gone")
    return Wait(
        kind=WaitKind.CHILD,
        what=f"{scene.name(run)} waits for execution {child.id} of {child.namespace}.{child.flow_id}, "
        f"which is {child.state}",
        since=run.history[-1].at,
        frees="the end of that execution; it has an explanation of its own",
        path=scene.path(run),
        task_run_id=run.id,
        holders=(child.id,),
        deeds=KILL,
    )


def _iterations(scene: Scene, run: TaskRun) -> Found:
    if "begun" not in run.memo:
        return None
    name = "batches" if "ended" in run.memo else "iterations"
    counts = run.memo.get("ended" if name == "batches" else "terminated")
    ended = sum(int(str(count)) for count in counts.values()) if isinstance(counts, Mapping) else 0
    children = scene.children(run)
    if not children:
        return Unexplained(f"{scene.name(run)} waits for {name}, and none of them goes on")
    so_far = f"{ended} of {run.memo.get('count')} {name} have ended, {len(children)} {_are(len(children))} under way"
    return Wait(
        kind=WaitKind.ITERATIONS,
        what=f"{scene.name(run)} goes on: {so_far}",
        since=run.history[-1].at,
        frees="the end of each of them, which is an execution with an explanation of its own",
        path=scene.path(run),
        task_run_id=run.id,
        holders=tuple(child.id for child in children[:MOST_SHOWN]),
        deeds=KILL,
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


_LOOKS: tuple[Callable[[Scene, TaskRun], Found], ...] = (_timer, _person, _job, _child, _iterations)
"""In this order: a timer says more than the job of the attempt that it is about to end."""
