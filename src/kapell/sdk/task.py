"""The kinds of task: what runs on workers, what changes its own execution. (Flowable ones: flowable.py.)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct

from kapell.errors import KapellError
from kapell.model.flow import Output as FlowOutput
from kapell.model.flow import Task
from kapell.model.messages import ExecutionChange
from kapell.sdk.context import RunContext
from kapell.sdk.prop import Properties
from kapell.sdk.shape import Render


class Output(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a task gives back; its fields are the keys of `outputs.<task id>`, those that are None are left out."""


class Void(Output, frozen=True, kw_only=True):
    """Nothing."""


OpenFile = Callable[[str], str]
"""The text of a file of internal storage, by its address."""
O = TypeVar("O", bound=Output, covariant=True)  # noqa: E741  the usual letter of an output


@dataclass(frozen=True, slots=True)
class Example:
    """A task of the type, as YAML without `id` and `type`; validated, shown in docs, offered by the editor."""

    title: str
    yaml: str


class TaskFailed(KapellError):
    """A task has failed for a reason of its own; the text is what the log says. `outputs` are kept all the same.

    `reason` is what the task run remembers of it, where that is not the same.
    """

    def __init__(self, message: str, outputs: Output | None = None, reason: str | None = None) -> None:
        super().__init__(message)
        self.outputs = outputs
        self.reason = reason or message


class TaskType(Properties):
    """A type of task. The class is its documentation: docstring, properties, examples, outputs."""

    examples: ClassVar[tuple[Example, ...]] = ()
    deprecated: ClassVar[bool] = False

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """What is wrong with a flow's task of this type beyond its properties one by one.

        Pairs of a path from the task (`""` is the task itself, `tasks[0].dependsOn`) and a message. The properties
        are as written: they may hold expressions, and what is wrong with each alone has been said already.
        """
        return ()


class RunnableTask(TaskType, Generic[O]):
    """Does work, on a worker; `inline` ones are quick and without I/O, and the executor runs them itself."""

    inline: ClassVar[bool] = False

    def run(self, ctx: RunContext) -> O:
        """Do it and return the outputs; raise `TaskFailed` (or anything) to fail."""
        raise NotImplementedError


class UpdatingTask(TaskType):
    """Changes its own execution: labels, variables, its end. The executor runs it, inline, and applies the change."""

    def change(self, ctx: RunContext) -> ExecutionChange:
        """What is to change; raise `TaskFailed` to fail."""
        raise NotImplementedError


class SleepingTask(TaskType):
    """Does nothing for a while: a due time in a row, no worker, no thread."""

    def span(self) -> timedelta:
        """How long."""
        raise NotImplementedError


class Call(Struct, frozen=True, kw_only=True):
    """An execution that a task wants started; `revision` None is the latest, `retry_failed` restarts a failed one.

    `labels` are a map or a list of maps with key and value; `outputs` are templates by name that see the other
    execution when it has ended. Before `schedule_date`, an ISO date-time, it does not begin.
    """

    namespace: str
    flow_id: str
    revision: int | None = None
    inputs: Mapping[str, object] = {}
    labels: object = None
    schedule_date: str | None = None
    wait: bool = True
    transmit_failed: bool = True
    inherit_labels: bool = False
    retry_failed: bool = True
    outputs: Mapping[str, object] = {}


class CallingTask(TaskType):
    """Starts an execution of another flow, and waits for it or not. The executor makes and watches it."""

    def call(self) -> Call:
        """What to start."""
        raise NotImplementedError


class BatchingTask(TaskType):
    """Starts an execution of another flow for each batch of items. The executor makes and watches them."""

    def batches(self, open_file: OpenFile) -> Sequence[str]:
        """The addresses of the batches, in order; raise `TaskFailed` to fail."""
        raise NotImplementedError

    def call(self, render: Render) -> Call:
        """What to start for the batch that `render` sees: as `taskrun.items`, and its number as `taskrun.iteration`."""
        raise NotImplementedError


class Turns(Struct, frozen=True, kw_only=True):
    """How a loop goes: its values (texts; with keys when they come from a map), how many at a time (0: all)."""

    values: Sequence[str]
    keys: Sequence[str] = ()
    limit: int = 1
    transmit_failed: bool = True
    outputs: tuple[FlowOutput, ...] = ()
    break_when: str | None = None
    store: bool = False
    next_offset: int | None = None


class LoopingTask(TaskType):
    """Runs its tasks for many values, each in an execution of its own which sees what is outside."""

    def turns(self, open_file: OpenFile) -> Turns:
        """The values and how to go through them; raise `TaskFailed` to fail."""
        raise NotImplementedError


def output_values(output: Output) -> Mapping[str, object]:
    """The outputs as a map with Kestra's keys."""
    return {
        key: value
        for name, key in zip(output.__struct_fields__, output.__struct_encode_fields__, strict=True)
        if (value := getattr(output, name)) is not None
    }
