"""What a running task has of its surroundings; a worker's (or, for inline tasks, the executor's) class fulfils it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar

from kapell.model.log import Level
from kapell.ports.files import Files
from kapell.sdk.doors import ExecutionDoor, FlowDoor, KvDoor, LogDoor
from kapell.sdk.shape import Expression

T = TypeVar("T")


class RunContext(Protocol):
    """One attempt's surroundings. Methods may be called from any thread of the task."""

    @property
    def execution_id(self) -> str:
        """The execution's id."""
        ...

    @property
    def task_run_id(self) -> str:
        """The task run's id."""
        ...

    @property
    def task_id(self) -> str:
        """The task's id in the flow."""
        ...

    @property
    def namespace(self) -> str:
        """The flow's namespace."""
        ...

    @property
    def flow_id(self) -> str:
        """The flow's id."""
        ...

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 0. With the task run's id it is the key that makes outside effects idempotent."""
        ...

    @property
    def now(self) -> datetime:
        """The time."""
        ...

    @property
    def variables(self) -> Mapping[str, object]:
        """What expressions may see here."""
        ...

    @property
    def files(self) -> Files:
        """Internal storage."""
        ...

    @property
    def kv(self) -> KvDoor:
        """The key-value store."""
        ...

    @property
    def logs(self) -> LogDoor:
        """The logs of executions."""
        ...

    @property
    def executions(self) -> ExecutionDoor:
        """The executions of all flows."""
        ...

    @property
    def flows(self) -> FlowDoor:
        """The flows."""
        ...

    @property
    def storage_prefix(self) -> str:
        """The path in internal storage below which this task run's files belong."""
        ...

    @property
    def working_dir(self) -> Path:
        """A folder, made when first asked for: that of a WorkingDirectory, or one of this attempt, removed after it."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether the task was asked to stop; who works long looks now and then."""
        ...

    def on_cancel(self, stop: Callable[[], None]) -> None:
        """Call `stop` (from another thread) when the task is asked to stop; at once if it was already."""
        ...

    def render_value(self, value: object, typed: bool) -> object:
        """A text or structure rendered; typed, a lone expression keeps the type of its value."""
        ...

    def render(self, expression: Expression[T]) -> T:
        """The value of a property that the task renders itself."""
        ...

    def render_text(self, text: str, extra: Mapping[str, object] | None = None) -> str:
        """`text` rendered, with more variables if given."""
        ...

    def log(self, level: Level | str, message: str) -> None:
        """Write a line to the execution's log; secrets in it are masked."""
        ...

    def metric(self, name: str, value: float, kind: str = "counter", tags: Mapping[str, str] | None = None) -> None:
        """Publish a metric: `counter`, `timer` (milliseconds) or `gauge`."""
        ...
