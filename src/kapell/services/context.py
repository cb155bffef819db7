"""What a running attempt has of its surroundings: made by the worker or, for inline tasks, the executor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from kapell.clock import Clock
from kapell.errors import KapellError
from kapell.expr import Env, render
from kapell.model.address import slug
from kapell.model.flow import Task
from kapell.model.log import Level, LogLine, Metric
from kapell.model.messages import Job, RunTask
from kapell.ports.files import Files
from kapell.sdk.doors import ExecutionDoor, FlowDoor, KvDoor, LogDoor
from kapell.sdk.removal import remove
from kapell.sdk.shape import Expression
from kapell.services.doors import Doors
from kapell.services.scope import Scope, ScopedFiles, guarded, nobody
from kapell.services.scratch import SCRATCH

T = TypeVar("T")
MASK = "******"
LONGEST_MESSAGE = 1_000_000
_RANKS = {level.value: level.rank for level in Level}
_LEVELS = {level.value: level for level in Level}


class TaskContext:
    """Fulfils `kapell.sdk.RunContext`; what is said after `close` is lost.

    `shared` is the working folder where the attempt has not one of its own. `on_log` and `on_metric` are called by
    the thread that speaks, one at a time; they may hold it up.
    """

    def __init__(
        self,
        run: RunTask,
        task: Task,
        *,
        env: Env,
        files: Files,
        clock: Clock,
        on_log: Callable[[LogLine], None],
        on_metric: Callable[[Metric], None],
        doors: Doors | None = None,
        shared: Path | None = None,
    ) -> None:
        self.job: Job = run.job
        self.variables: Mapping[str, object] = run.variables
        scope = _scope(run.job, doors)
        self.files: Files = ScopedFiles(files, scope)
        self.last_log = run.job.first_line
        self._doors = doors
        self._clock = clock
        self._on_log = on_log
        self._on_metric = on_metric
        self._least = task.log_level.rank if task.log_level else 0
        self._secrets: tuple[str, ...] = ()
        self._told_of_secret = env.mask
        self._env = replace(env, mask=self._hide, reader=guarded(env.reader, scope))
        self._folder: Path | None = None
        self._shared = shared
        self._stops: list[Callable[[], None]] = []
        self._closed = False
        self._cancelled = False
        self._speaking = threading.Lock()
        self._lock = threading.Lock()

    @property
    def execution_id(self) -> str:
        """The execution's id."""
        return self.job.execution_id

    @property
    def task_run_id(self) -> str:
        """The task run's id."""
        return self.job.task_run_id

    @property
    def task_id(self) -> str:
        """The task's id in the flow."""
        return self.job.task_id

    @property
    def namespace(self) -> str:
        """The flow's namespace."""
        return self.job.namespace

    @property
    def flow_id(self) -> str:
        """The flow's id."""
        return self.job.flow_id

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 0."""
        return self.job.attempt

    @property
    def now(self) -> datetime:
        """The time."""
        return self._clock.now()

    @property
    def kv(self) -> KvDoor:
        """The key-value store; inline tasks, which must not wait, have none."""
        return self._opened().kv

    @property
    def logs(self) -> LogDoor:
        """The logs of executions; inline tasks have none."""
        return self._opened().logs

    @property
    def executions(self) -> ExecutionDoor:
        """The executions of all flows; inline tasks have none."""
        return self._opened().executions

    @property
    def flows(self) -> FlowDoor:
        """The flows; inline tasks have none."""
        return self._opened().flows

    def _opened(self) -> Doors:
        if self._doors is None:
            raise KapellError("There is no store to ask here")
        return self._doors

    @property
    def storage_prefix(self) -> str:
        """Where this task run's files belong: Kestra's layout."""
        job = self.job
        flow = f"/{job.namespace.replace('.', '/')}/{slug(job.flow_id)}"
        return f"{flow}/executions/{job.execution_id}/tasks/{slug(job.task_id)}/{job.task_run_id}"

    @property
    def working_dir(self) -> Path:
        """The shared folder; or one of this attempt alone, removed by `close`. Made when first asked for."""
        with self._lock:
            if self._shared is not None:
                self._shared.mkdir(mode=0o700, parents=True, exist_ok=True)
                return self._shared
            if self._folder is None:
                self._folder = SCRATCH.make("attempt-")
            return self._folder

    @property
    def cancelled(self) -> bool:
        """Whether the task was asked to stop."""
        return self._cancelled

    def render_value(self, value: object, typed: bool) -> object:
        """A text or structure rendered: the `Render` that properties are bound with."""
        return render(value, self.variables, self._env, "typed" if typed else "text")

    def render_all(self, value: object, extra: Mapping[str, object]) -> object:
        """A structure rendered with more variables, its lone expressions keeping their types."""
        return render(value, {**self.variables, **extra}, self._env, "typed")

    def render(self, expression: Expression[T]) -> T:
        """The value of a property that the task renders itself."""
        return expression.value(self.render_value)

    def render_text(self, text: str, extra: Mapping[str, object] | None = None) -> str:
        """`text` rendered, with more variables if given."""
        variables = {**self.variables, **extra} if extra else self.variables
        return str(render(text, variables, self._env))

    def log(self, level: Level | str, message: str) -> None:
        """Write a line, masked and cut to what a line may hold; below the task's `logLevel` it is dropped."""
        if _RANKS[level] < self._least:
            return
        message = encodable(cut(self.masked(message)))
        job = self.job
        with self._speaking:
            if self._closed:
                return
            self.last_log += 1
            line = LogLine(
                execution_id=job.execution_id,
                namespace=job.namespace,
                flow_id=job.flow_id,
                level=_LEVELS[level],
                message=message,
                at=self._clock.now(),
                task_id=job.task_id,
                task_run_id=job.task_run_id,
                attempt=job.attempt,
                number=self.last_log,
                thread=threading.current_thread().name,
            )
            self._on_log(line)

    def metric(self, name: str, value: float, kind: str = "counter", tags: Mapping[str, str] | None = None) -> None:
        """Publish a metric, its tags masked."""
        with self._speaking:
            if self._closed:
                return
            metric = Metric(
                execution_id=self.job.execution_id,
                task_id=self.job.task_id,
                task_run_id=self.job.task_run_id,
                namespace=self.job.namespace,
                flow_id=self.job.flow_id,
                name=name,
                kind=kind,
                value=value,
                at=self._clock.now(),
                tags={key: self.masked(text) for key, text in tags.items()} if tags else {},
            )
            self._on_metric(metric)

    def masked(self, text: str) -> str:
        """`text` with every secret that was met so far as asterisks."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Call `stop` when the task is asked to stop; at once if it was already."""
        with self._lock:
            self._stops.append(stop)
            if not self._cancelled:
                return
        stop()

    def cancel(self) -> None:
        """Ask the task to stop; asked twice, it is asked once."""
        with self._lock:
            stops = () if self._cancelled else tuple(self._stops)
            self._cancelled = True
        for stop in stops:
            # One that fails must not keep the others from being called.
            with suppress(Exception):
                stop()

    def silence(self) -> None:
        """Hear nothing more, not even from threads that go on; waits for none of them."""
        self._closed = True

    def close(self) -> None:
        """Hear nothing more and remove the working folder, unless it is shared."""
        self.silence()
        if self._folder is not None:
            remove(self._folder)

    def _hide(self, secret: str) -> None:
        self._told_of_secret(secret)
        with self._lock:
            self._secrets = longest_first({*self._secrets, *parts_of(secret)})


def _scope(job: Job, doors: Doors | None) -> Scope:
    return Scope(job.namespace, job.flow_id, job.execution_id, doors.execution if doors else nobody)


def parts_of(secret: str) -> Iterable[str]:
    """A secret and, since logs are written by lines, each line of it that is long enough to tell something."""
    yield from (part for part in (secret, secret.strip()) if part.strip())
    lines = secret.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) > 3)


def longest_first(texts: Iterable[str]) -> tuple[str, ...]:
    """So that no secret is cut up by one that is a part of it."""
    return tuple(sorted(texts, key=len, reverse=True))


def cut(message: str) -> str:
    """`message`, or as much of it as one line may hold, with a note."""
    if len(message) <= LONGEST_MESSAGE:
        return message
    return f"{message[:LONGEST_MESSAGE]}… ({len(message) - LONGEST_MESSAGE} more characters were cut off)"


def encodable(text: str) -> str:
    """`text` without halves of characters, which JSON from outside may bring and no store can write."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
