"""A flow as it was read: frozen, with the text it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from kapell.model.execution import MAIN
from kapell.model.input import Input
from kapell.model.log import Level
from kapell.model.problem import Problem
from kapell.model.task_run import Branch


@dataclass(frozen=True, slots=True, eq=False)
class Retry:
    """How a failed attempt is tried again; all spans are texts as written (ISO 8601 or seconds)."""

    type: Literal["constant", "exponential", "random"]
    interval: str | None = None
    min_interval: str | None = None
    max_interval: str | None = None
    delay_factor: float | None = None
    max_attempts: int | None = None
    max_duration: str | None = None
    warning_on_retry: bool = False
    behavior: Literal["RETRY_FAILED_TASK", "CREATE_NEW_EXECUTION"] = "RETRY_FAILED_TASK"


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A task of any kind: what all have in common, and the properties of its type.

    `type` is the type's present name (aliases are resolved). `properties` holds what is the type's own, by its
    name in Python (`error_message`), as written; where tasks stand in it, they are `Task`s. `branches` are its
    lists of tasks by the name of the property (`tasks`, `then`, `cases.a`, `errors`, `finally`), in order.
    """

    id: str
    type: str
    properties: Mapping[str, object] = field(default_factory=dict)
    branches: Mapping[str, tuple[Task, ...]] = field(default_factory=dict)
    description: str = ""
    disabled: bool = False
    run_if: str | None = None
    timeout: str | None = None
    retry: Retry | None = None
    allow_failure: bool = False
    allow_warning: bool = False
    log_level: Level | None = None
    log_to_file: bool = False
    task_cache: Mapping[str, object] | None = None
    line: int = 0

    @property
    def caches(self) -> bool:
        """Whether what it comes to is kept for the next time."""
        return self.task_cache is not None and self.task_cache.get("enabled") is True

    def tree(self) -> Iterator[Task]:
        """Itself and all tasks inside, outer before inner."""
        yield self
        for tasks in self.branches.values():
            for task in tasks:
                yield from task.tree()


@dataclass(frozen=True, slots=True, eq=False)
class Concurrency:
    """How many executions of a flow may run, and what becomes of one too many."""

    limit: int
    behavior: Literal["QUEUE", "CANCEL", "FAIL"] = "QUEUE"


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """A typed output of the flow; `value` is a template or a structure of them."""

    id: str
    type: str
    value: object
    description: str = ""
    display_name: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Trigger:
    """A trigger as written; its type's own properties are `properties`."""

    id: str
    type: str
    properties: Mapping[str, object] = field(default_factory=dict)
    disabled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """One revision of a flow, the same only as the same object; `source` is kept byte for byte."""

    id: str
    namespace: str
    source: str
    tasks: tuple[Task, ...]
    tenant: str = MAIN
    revision: int = 1
    description: str = ""
    errors: tuple[Task, ...] = ()
    finally_: tuple[Task, ...] = ()
    after_execution: tuple[Task, ...] = ()
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    variables: Mapping[str, object] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    concurrency: Concurrency | None = None
    retry: Retry | None = None
    sla: tuple[Mapping[str, object], ...] = ()
    checks: tuple[Mapping[str, object], ...] = ()
    disabled: bool = False
    draft: bool = False
    problems: tuple[Problem, ...] = ()

    def lists(self) -> dict[Branch, tuple[Task, ...]]:
        """Its own lists of tasks by branch."""
        return {
            Branch.TASKS: self.tasks,
            Branch.ERRORS: self.errors,
            Branch.FINALLY: self.finally_,
            Branch.AFTER: self.after_execution,
        }

    def all_tasks(self) -> Iterator[Task]:
        """Every task at any depth, in the order of the text."""
        for tasks in self.lists().values():
            for task in tasks:
                yield from task.tree()
