"""Plays an execution by hand: events go in, and what the engine ordered and recorded can be asked for."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from kapell.clock import ManualClock
from kapell.engine import Tree, create, read_first, step
from kapell.expr import Env, render
from kapell.model.flow import Flow
from kapell.model.messages import (
    Event,
    Job,
    JournalRow,
    KillAsked,
    Step,
    TaskFinished,
    TaskStarted,
    Timer,
    TimerFired,
    journal_row,
)
from kapell.model.read import Reader
from kapell.model.state import State
from kapell.source import load

FLOWS = Path(__file__).parent / "flows"
LOG = "io.kestra.plugin.core.log.Log"


def flow_of(name_or_text: str) -> Flow:
    """A flow of the folder `flows`, or one written in the test."""
    return load(name_or_text if "\n" in name_or_text else (FLOWS / name_or_text).read_text(encoding="utf-8"))


class Play:
    """One execution. Nothing happens unless it is told; `jobs` are the attempts that wait to be told finished."""

    def __init__(self, name_or_text: str, inputs: dict[str, object] | None = None, id: str = "e" * 22) -> None:
        self.flow = flow_of(name_or_text)
        self.clock = ManualClock()
        self.read: Reader = read_first
        self.jobs: list[Job] = []
        self.timers: dict[str, Timer] = {}
        self.steps: list[Step] = []
        self.journal: list[JournalRow] = []
        self.cancelled: list[str] = []
        new = create(self.flow, id=id, now=self.clock.now(), render=self.render, inputs=inputs)
        self.tree = Tree(new.execution)
        self.created = new.event

    def render(self, value: object, variables: object, typed: bool) -> object:
        env = Env(now=self.clock.now, random=random.Random(1))
        return render(value, variables, env, "typed" if typed else "text")

    def start(self) -> Play:
        self.tell(self.created)
        return self

    def tell(self, event: Event) -> Step:
        """Step an event and do the book-keeping that the executor does."""
        made = step(self.tree, event, self.flow, now=self.clock.now(), render=self.render, read=self.read)
        self.tree.absorb(made)
        self.steps.append(made)
        if made.changed:
            self.journal.append(journal_row(made))
        self.jobs = [job for job in [*self.jobs, *made.jobs] if job.id not in made.done_jobs]
        self.timers |= {timer.id: timer for timer in made.timers}
        for id in made.dropped_timers:
            self.timers.pop(id, None)
        self.cancelled += [self.tree.runs[cancel.task_run_id].task_id for cancel in made.cancels]
        return made

    def begin(self, task: str) -> Step:
        job = self.job(task)
        event = TaskStarted(
            id=f"{job.id}-started",
            execution_id=job.execution_id,
            at=self.clock.now(),
            task_run_id=job.task_run_id,
            attempt=job.attempt,
        )
        return self.tell(event)

    def finish(self, task: str, state: State = State.SUCCESS, **outputs: object) -> TaskFinished:
        event = self.finished(self.job(task), state, **outputs)
        self.tell(event)
        return event

    def finished(self, job: Job, state: State = State.SUCCESS, **outputs: object) -> TaskFinished:
        return TaskFinished(
            id=f"{job.id}-finished",
            execution_id=job.execution_id,
            at=self.clock.now(),
            task_run_id=job.task_run_id,
            attempt=job.attempt,
            state=state,
            outputs=outputs or None,
            error="Task failure" if state is State.FAILED else None,
        )

    def fail(self, task: str) -> TaskFinished:
        return self.finish(task, State.FAILED)

    def kill(self) -> Step:
        return self.tell(KillAsked(id="kill", execution_id=self.tree.execution.id, at=self.clock.now()))

    def after(self, span: timedelta) -> list[Step]:
        """Let time pass, and what is due happen."""
        now = self.clock.advance(span)
        due = sorted((timer for timer in self.timers.values() if timer.due <= now), key=lambda timer: timer.due)
        return [
            self.tell(TimerFired(id=f"{timer.id}-fired", execution_id=timer.execution_id, at=now, timer=timer))
            for timer in due
        ]

    def job(self, task: str) -> Job:
        return next(job for job in self.jobs if job.task_id == task)

    @property
    def waiting(self) -> list[str]:
        """The tasks that have been handed out, in that order."""
        return [job.task_id for job in self.jobs]

    @property
    def state(self) -> str:
        """The execution's history."""
        return " ".join(change.state for change in self.tree.execution.history)

    def history(self, task: str) -> str:
        run = self.tree.runs[self.tree.by_task[task][-1]]
        return " ".join(change.state for change in run.history)

    @property
    def runs(self) -> list[str]:
        """The task runs in the order of creation, each with its state."""
        runs = sorted(self.tree.runs.values(), key=lambda run: run.number)
        return [f"{run.task_id} {run.state}" for run in runs]

    @property
    def logs(self) -> list[str]:
        return [f"{line.level} {line.message}" for made in self.steps for line in made.logs]
