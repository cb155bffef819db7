"""A flow made ready for the engine: each task by id, with its parent, its kind, and its enabled lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from kapell.errors import KapellError
from kapell.model.flow import Flow, Task
from kapell.model.task_run import Branch
from kapell.sdk.flowable import FlowableTask
from kapell.sdk.pausing import PausingTask, pausing_type
from kapell.sdk.registry import find_task
from kapell.sdk.task import BatchingTask, CallingTask, LoopingTask, RunnableTask, SleepingTask, TaskType, UpdatingTask

Kind = Literal["runnable", "flowable", "updating", "sleeping", "calling", "looping", "batching", "unknown"]
STARTING: Final = frozenset[Kind]({"calling", "looping", "batching"})
"""The kinds that start executions, and wait for them."""
Lists = Mapping[Branch, tuple[Task, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A task in its place.

    `lists` are a flowable's enabled errors and finally, or all lists of a loop; `problem` says why it can't be run.
    """

    task: Task
    parent: str | None
    branch: Branch
    kind: Kind
    inline: bool = False
    flowable: FlowableTask | None = None
    lists: Lists | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The flow with its nodes by task id and its own enabled lists."""

    flow: Flow
    nodes: Mapping[str, Node]
    lists: Lists

    def lists_of(self, task_id: str | None) -> Lists:
        """The enabled lists below a flowable, or the flow's own for None."""
        return self.lists if task_id is None else self.nodes[task_id].lists or {}


@lru_cache(maxsize=512)
def compiled(flow: Flow) -> Program:
    """The program of a flow; made once for each Flow object."""
    nodes: dict[str, Node] = {}
    lists = {branch: enabled(tasks) for branch, tasks in flow.lists().items()}
    for branch, tasks in lists.items():
        for task in tasks:
            _add(nodes, task, None, branch)
    return Program(flow, nodes, lists)


def enabled(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """Without the disabled ones: they leave no trace in an execution."""
    return tuple(task for task in tasks if not task.disabled)


def _add(nodes: dict[str, Node], task: Task, parent: str | None, branch: Branch) -> None:
    nodes[task.id] = _node(task, parent, branch)
    for name, tasks in task.branches.items():
        inner = _branch_of(task, name)
        for child in enabled(tasks):
            _add(nodes, child, task.id, inner)


def _branch_of(task: Task, name: str) -> Branch:
    if name in (Branch.ERRORS, Branch.FINALLY):
        return Branch(name)
    pausing = pausing_type(task)
    return Branch.MEANWHILE if pausing and name == pausing.meanwhile else Branch.TASKS


def _node(task: Task, parent: str | None, branch: Branch) -> Node:
    try:
        found = find_task(task.type)
        if issubclass(found, FlowableTask):
            lists = {b: enabled(task.branches.get(b, ())) for b in (Branch.ERRORS, Branch.FINALLY)}
            if issubclass(found, PausingTask):
                lists[Branch.MEANWHILE] = enabled(task.branches.get(found.meanwhile, ()))
            return Node(task, parent, branch, "flowable", flowable=_bound(found, task), lists=lists)
        inner = {b: enabled(task.branches.get(b, ())) for b in Branch} if issubclass(found, LoopingTask) else None
        return Node(task, parent, branch, _kind(found), inline=_inline(found, task), lists=inner)
    except KapellError as error:
        return Node(task, parent, branch, "unknown", problem=str(error))


def _bound(found: type[FlowableTask], task: Task) -> FlowableTask:
    """A flowable with its properties as written; what holds expressions is rendered by itself, later."""
    written = [child.id for child in task.branches.get(Branch.TASKS, ())]
    return found.opened({name: _without_disabled(value) for name, value in task.properties.items()}, written)


def _without_disabled(value: object) -> object:
    if isinstance(value, tuple | list):
        return tuple(_without_disabled(item) for item in value if not (isinstance(item, Task) and item.disabled))
    if isinstance(value, Mapping):
        return {key: _without_disabled(item) for key, item in value.items()}
    return value


def _kind(found: type[TaskType]) -> Kind:
    kinds: tuple[tuple[type[TaskType], Kind], ...] = (
        (RunnableTask, "runnable"),
        (UpdatingTask, "updating"),
        (SleepingTask, "sleeping"),
        (CallingTask, "calling"),
        (LoopingTask, "looping"),
        (BatchingTask, "batching"),
    )
    return next((kind for base, kind in kinds if issubclass(found, base)), "unknown")


def _inline(found: type[TaskType], task: Task) -> bool:
    """What keeps its outputs or its lines in files has to go to a worker."""
    if issubclass(found, UpdatingTask):
        return True
    return bool(getattr(found, "inline", False)) and not (task.caches or task.log_to_file)
