"""A Step in the making: what has changed so far, over a tree that stays as it was."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from kapell.engine.program import Lists, Node, Program
from kapell.engine.tree import Group, Tally, Tree
from kapell.engine.variables import Render, read_first, variables
from kapell.ids import derived_id
from kapell.model.execution import StateChange
from kapell.model.log import Level, LogLine, Metric
from kapell.model.messages import CancelTask, Event, Job, NewExecution, Step, Timer, TimerKind
from kapell.model.read import NeedsRead, Read, Reader
from kapell.model.spilled import lightened, values_folder
from kapell.model.state import State
from kapell.model.task_run import Attempt, Branch, Outputs, Place, TaskRun, run_id
from kapell.sdk.flowable import FolderTask


class Draft:
    """Collects the changes of one step; reads see them at once."""

    def __init__(
        self, tree: Tree, event: Event, program: Program, now: datetime, render: Render, read: Reader = read_first
    ) -> None:
        self.tree = tree
        self.event = event
        self.program = program
        self.now = now
        self.execution = tree.execution
        self.todo: deque[TaskRun] = deque()
        self.leaving: list[tuple[TaskRun, State]] = []
        self.calls: deque[TaskRun] = deque()
        self.renderer = render
        self.read = read
        self.outer = tree.outer
        self._runs: dict[str, TaskRun] = {}
        self._tallies: dict[Group, Tally] = {}
        self._new_by_task: dict[str, list[str]] = {}
        self._new_children: dict[str | None, list[str]] = {}
        self._new_places: dict[tuple[str | None, Place], str] = {}
        self._removed: set[str] = set()
        self._outputs: dict[str, Outputs] = {}
        self._files: dict[str, bytes] = {}
        self._logs: list[LogLine] = []
        self._metrics: list[Metric] = []
        self._jobs: dict[str, Job] = {}
        self._done_jobs: list[str] = []
        self._timers: dict[str, Timer] = {}
        self._dropped_timers: list[str] = []
        self._cancels: list[CancelTask] = []
        self._children: list[NewExecution] = []
        self._sent: list[Event] = []

    # Looking

    def run(self, run_id: str) -> TaskRun | None:
        """A task run as it is by now."""
        found = self._runs.get(run_id)
        return found if found is not None or run_id in self._removed else self.tree.runs.get(run_id)

    def at(self, parent_id: str | None, place: Place) -> TaskRun | None:
        """The run at a place below one."""
        id = self._new_places.get((parent_id, place)) or self.tree.places.get((parent_id, place))
        return self.run(id) if id else None

    def the(self, run_id: str) -> TaskRun:
        """A task run that must be there."""
        return self._runs.get(run_id) or self.tree.runs[run_id]

    def node(self, run: TaskRun) -> Node:
        """The task of a run, in its place in the flow."""
        return self.program.nodes[run.task_id]

    def parent(self, run: TaskRun) -> TaskRun | None:
        """The run it stands below; None at the top."""
        return self.the(run.parent_id) if run.parent_id else None

    def tally(self, parent_id: str | None, branch: Branch) -> Tally:
        """The counts of one list, as they are by now."""
        group = (parent_id, branch)
        return self._tallies.get(group) or self.tree.tallies.get(group) or Tally()

    def runs_of(self, task_id: str) -> list[str]:
        """Ids of the runs of a task, in the order of creation."""
        ids = [*self.tree.by_task.get(task_id, ()), *self._new_by_task.get(task_id, ())]
        return [id for id in ids if id not in self._removed] if self._removed else ids

    def task_ids(self) -> list[str]:
        """The tasks that have runs, in the order of their first one."""
        ids = dict.fromkeys([*self.tree.by_task, *self._new_by_task])
        return [id for id in ids if self.runs_of(id)] if self._removed else list(ids)

    def children(self, parent_id: str | None) -> list[TaskRun]:
        """The runs below one (or at the top), in the order of creation."""
        ids = [*self.tree.children.get(parent_id, ()), *self._new_children.get(parent_id, ())]
        return [self.the(id) for id in ids if id not in self._removed]

    def below(self, parent_id: str | None) -> Iterator[TaskRun]:
        """All runs at any depth below one (or of the execution), outer before inner."""
        for run in self.children(parent_id):
            yield run
            yield from self.below(run.id)

    def outputs_of(self, run_id: str) -> Outputs | None:
        """The outputs of a run; None when there are some that are not in memory."""
        if run_id in self._outputs:
            return self._outputs[run_id]
        return self.tree.outputs_of(run_id) if run_id in self.tree.runs else {}

    def render(self, value: object, run: TaskRun | None, typed: bool = False) -> object:
        """A template's value in the place of a task run (or of the flow)."""
        if isinstance(value, str) and "{" not in value:
            return value
        return self.renderer(value, variables(self, self.program, run, self.read), typed)

    def render_with(self, value: object, run: TaskRun, extra: Mapping[str, object]) -> object:
        """A template's value in the place of a run, with more variables."""
        return self.renderer(value, {**variables(self, self.program, run, self.read), **extra}, False)

    def lists_of(self, parent: TaskRun | None) -> Lists:
        """The enabled lists below a flowable, or those of the execution: a flow's, or a loop's in an iteration."""
        if parent is not None:
            return self.program.lists_of(parent.task_id)
        loop = self.execution.loop_run
        return self.program.lists_of(loop.task_id if loop else None)

    def outputs_aside(self, name: str) -> Outputs:
        """What was kept aside under a name; empty where there is nothing."""
        known = self._outputs.get(name)
        if known is None:
            known = self.tree.outputs.get(name)
        if known is not None:
            return known
        if not self.tree.whole and name not in self.tree.asked_aside:
            raise NeedsRead(Read(kind="output", name=name))
        return {}

    # Changing

    def put(self, run: TaskRun) -> TaskRun:
        """Make this the run's image."""
        before = self.run(run.id)
        tally = self._own_tally(run)
        if before is None:
            self._new_by_task.setdefault(run.task_id, []).append(run.id)
            self._new_children.setdefault(run.parent_id, []).append(run.id)
            self._new_places[run.parent_id, run.place] = run.id
        else:
            tally.count(before.state, -1)
        tally.count(run.state, 1)
        self._runs[run.id] = run
        return run

    def remove(self, run: TaskRun) -> None:
        """Forget a run, its outputs, and its attempt if one is on; those below it are removed first."""
        for child in self.children(run.id):
            self.remove(child)
        current = self.the(run.id)
        if not current.state.ended:
            self.abandon(current)
        self._own_tally(current).count(current.state, -1)
        self._removed.add(run.id)
        self._runs.pop(run.id, None)
        self._outputs.pop(run.id, None)

    def _own_tally(self, run: TaskRun) -> Tally:
        group = (run.parent_id, run.branch)
        if group not in self._tallies:
            self._tallies[group] = self.tree.tallies[group].copy() if group in self.tree.tallies else Tally()
        return self._tallies[group]

    def move(self, run: TaskRun, state: State, at: datetime | None = None) -> TaskRun:
        """Take a run to a state."""
        return self.put(run.to(state, at or self.now))

    def move_execution(self, state: State) -> None:
        """Take the execution to a state."""
        self.execution = self.execution.to(state, self.now)

    def hold(self, held: bool) -> None:
        """Say whether a person has paused the execution."""
        self.execution = replace(self.execution, held=held)

    def create(self, place: Place, parent: TaskRun | None, branch: Branch) -> TaskRun:
        """A new run, to be started before the step is over; one that is there already is left alone."""
        parent_id = parent.id if parent else None
        above = self.node(parent).flowable if parent else None
        if parent is not None and above is not None and above.repeats:
            place = place._replace(iteration=parent.turn)
        if (known := self.at(parent_id, place)) is not None:
            return known
        id = run_id(self.execution.id, self.execution.next_run)
        run = TaskRun(
            id=id,
            execution_id=self.execution.id,
            task_id=place.task_id,
            number=self.execution.next_run,
            state=State.CREATED,
            history=(StateChange(State.CREATED, self.now),),
            parent_id=parent_id,
            branch=branch,
            value=place.value,
            iteration=place.iteration,
        )
        self.execution = replace(self.execution, next_run=self.execution.next_run + 1)
        self.todo.append(run)
        return self.put(run)

    def make_outputs(self, run: TaskRun, outputs: Outputs | None) -> TaskRun:
        """Record what the engine itself makes of a run; what is large is kept in files."""
        own = self.execution
        folder = f"{values_folder(own.namespace, own.flow_id, own.id)}/{run.id}"
        light = lightened(outputs, folder, str(own.version), self.write) if outputs else None
        return self.give_outputs(run, light)

    def give_outputs(self, run: TaskRun, outputs: Outputs | None) -> TaskRun:
        """Record what a run has come to; nothing when it is empty. What is large is in files already."""
        if not outputs:
            return run
        self._outputs[run.id] = outputs
        return self.put(replace(run, has_outputs=True))

    def keep_aside(self, name: str, values: Outputs) -> None:
        """Keep something large beside the runs' outputs, written once, under a name derived from its run."""
        self._outputs[name] = values

    def write(self, path: str, content: bytes) -> None:
        """Have a file stored before anybody hears of this step."""
        self._files[path] = content

    def start(self, new: NewExecution) -> None:
        """Create another execution, in the same transaction."""
        self._children.append(new)

    def send(self, event: Event) -> None:
        """Tell another execution something, in the same transaction."""
        self._sent.append(event)

    def log(self, level: Level, message: str, run: TaskRun | None = None) -> None:
        """A line of the engine's own."""
        flow = self.program.flow
        self._logs.append(
            LogLine(
                execution_id=self.execution.id,
                namespace=flow.namespace,
                flow_id=flow.id,
                level=level,
                message=message,
                at=self.now,
                task_id=run.task_id if run else None,
                task_run_id=run.id if run else None,
                attempt=max(0, run.attempt) if run else 0,
                number=ENGINE_LINES + 1000 * self.tree.execution.version + len(self._logs),
            )
        )

    def keep(self, logs: tuple[LogLine, ...], metrics: tuple[Metric, ...]) -> None:
        """Lines and metrics that came with the event."""
        self._logs.extend(logs)
        self._metrics.extend(metrics)

    def submit(self, run: TaskRun, inline: bool) -> TaskRun:
        """Hand a new attempt of a run to the executor or a worker."""
        attempts = (*run.attempts, Attempt((StateChange(State.CREATED, self.now),)))
        run = self.put(replace(run, attempts=attempts))
        self.offer(replace(self.job_of(run), inline=inline, folder=self.folder_of(run)))
        return run

    def job_of(self, run: TaskRun) -> Job:
        """The job of a run's last attempt."""
        flow = self.program.flow
        return Job(
            id=job_id(run),
            execution_id=run.execution_id,
            task_run_id=run.id,
            attempt=run.attempt,
            namespace=flow.namespace,
            flow_id=flow.id,
            revision=flow.revision,
            task_id=run.task_id,
            tenant=flow.tenant,
        )

    def offer(self, job: Job) -> None:
        """Have a job done."""
        self._jobs[job.id] = job

    def folder_of(self, run: TaskRun) -> str:
        """The name of the folder that a run shares with its siblings; empty where it has its own."""
        parent = self.parent(run)
        shared = parent is not None and run.branch is Branch.TASKS
        return parent.id if parent and shared and isinstance(self.node(parent).flowable, FolderTask) else ""

    def job_done(self, run: TaskRun) -> None:
        """The attempt's job needs nobody any more, nor does its timeout."""
        self.drop_job(job_id(run))
        self.drop_timer(TimerKind.TIMEOUT, run)

    def drop_job(self, id: str) -> None:
        """Nobody needs a job any more."""
        self._jobs.pop(id, None)
        self._done_jobs.append(id)

    def abandon(self, run: TaskRun) -> None:
        """Tell whoever works on a run that nobody waits for it any more."""
        if run.attempts and self.node(run).kind != "flowable":
            self.cancel(run)
            self.job_done(run)

    def cancel(self, run: TaskRun) -> None:
        """Ask whoever works on the attempt to stop."""
        self._cancels.append(CancelTask(execution_id=run.execution_id, task_run_id=run.id, attempt=run.attempt))

    def set_timer(self, kind: TimerKind, delay: timedelta, run: TaskRun | None = None, *, name: str = "") -> None:
        """Something is to happen after a while."""
        id = timer_id(self.execution.id, kind, run, name)
        self._timers[id] = Timer(
            id=id,
            execution_id=self.execution.id,
            kind=kind,
            name=name,
            due=self.now + delay,
            task_run_id=run.id if run else None,
            attempt=run.attempt if run else 0,
        )

    def drop_timer(self, kind: TimerKind, run: TaskRun | None = None) -> None:
        """It is not to happen any more."""
        self.drop(timer_id(self.execution.id, kind, run))

    def drop(self, timer_id: str) -> None:
        """Forget a timer, by its id."""
        self._timers.pop(timer_id, None)
        self._dropped_timers.append(timer_id)

    def step(self) -> Step:
        """All of it."""
        return Step(
            event=self.event,
            execution=replace(self.execution, version=self.tree.execution.version + 1),
            runs=tuple(self._runs.values()),
            removed_runs=tuple(id for id in self._removed if id in self.tree.runs),
            outputs=self._outputs,
            files=self._files,
            logs=tuple(self._logs),
            metrics=tuple(self._metrics),
            timers=tuple(self._timers.values()),
            dropped_timers=tuple(self._dropped_timers),
            jobs=tuple(self._jobs.values()),
            done_jobs=tuple(self._done_jobs),
            cancels=tuple(self._cancels),
            children=tuple(self._children),
            sent=tuple(self._sent),
        )


ENGINE_LINES = 1_000_000_000
"""Numbers of the engine's own lines begin here, behind all that a task says."""


def job_id(run: TaskRun) -> str:
    """Task run and attempt: the same attempt is the same job."""
    return f"{run.id}-{run.attempt}"


def timer_id(execution_id: str, kind: TimerKind, run: TaskRun | None, name: str = "") -> str:
    """What a timer is for, as an id."""
    return derived_id(execution_id, kind, run.id if run else None, run.attempt if run else None, name)


def plain_error(error: Exception) -> str:
    """The sentence of an error, without its place."""
    return str(getattr(error, "message", None) or error)
