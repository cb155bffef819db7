"""Flowable tasks: asked what is ready, given what their children have come to. They run nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Protocol, Self, TypeVar

from msgspec import Struct

from kapell.model.flow import Task
from kapell.model.log import Level
from kapell.model.state import State
from kapell.model.task_run import Outputs, Place
from kapell.sdk.context import RunContext
from kapell.sdk.prop import has_templates, prop, unrendered
from kapell.sdk.shape import Expression, Render, Tasks
from kapell.sdk.task import Output, TaskType

T = TypeVar("T")


class Children(Protocol):
    """The task runs of a flowable's own tasks (not of its errors and finally), counted as they change: all O(1)."""

    @property
    def created(self) -> int:
        """How many there are."""
        ...

    @property
    def running(self) -> int:
        """How many of them have not ended."""
        ...

    @property
    def ended(self) -> Place | None:
        """The one that has just ended; None when the flowable is asked for another reason."""
        ...

    def state(self, place: Place) -> State | None:
        """The state of the child at that place, None where there is none."""
        ...

    def memo(self) -> Mapping[str, object]:
        """What `begin` gave to be remembered."""
        ...


class Order(Protocol):
    """What a flowable may ask for when it begins or closes."""

    @property
    def turn(self) -> int:
        """How often it has begun again, from 0."""
        ...

    @property
    def place(self) -> str:
        """Where it stands, for messages: its flow, task and execution."""
        ...

    @property
    def elapsed(self) -> timedelta:
        """How long ago it began for the first time."""
        ...

    @property
    def timeout(self) -> timedelta | None:
        """The task's `timeout`, for a flowable to which it means something."""
        ...

    @property
    def memo(self) -> Mapping[str, object]:
        """What is remembered since it began."""
        ...

    def render(self, expression: Expression[T]) -> T:
        """The value of an expression in the flowable's own place."""
        ...


class Pausing(Struct, frozen=True, kw_only=True):
    """It waits for a person; after `span` (never, without one) it is over, and `state` is what it has come to."""

    span: timedelta | None = None
    state: State = State.SUCCESS


class Begun(Struct, frozen=True, kw_only=True):
    """How a flowable begins: its outputs, what it must remember, a wait, or at once its end with the reason."""

    outputs: Outputs | None = None
    memo: Mapping[str, object] = {}
    state: State | None = None
    reason: str | None = None
    level: Level = Level.WARN
    pausing: Pausing | None = None


class Closed(Struct, frozen=True, kw_only=True):
    """How a flowable ends; `warning` is a line for the log. With `leaves` the execution ends with it, in its state."""

    state: State
    warning: str | None = None
    leaves: bool = False


class Again(Struct, frozen=True, kw_only=True):
    """It does not end: after a pause its children go, and it begins anew."""

    pause: timedelta


class FlowableTask(TaskType):
    """Decides which of its tasks run when. Disabled tasks are not in its lists.

    One that `repeats` may begin again; its children have the turn as their iteration.
    """

    repeats: ClassVar[bool] = False
    restarts_whole: ClassVar[bool] = False
    """Whether a restart or replay of one of its tasks begins all of them anew."""

    @property
    def after_failure(self) -> State | None:
        """What becomes of children that still run when one has failed; None lets them run on."""
        return None

    errors: Tasks = prop("Tasks to run, in order, when one of the tasks has failed.", default=())
    finally_: Tasks = prop("Tasks to run, in order, after all others, whatever they came to.", default=())

    given: Mapping[str, object]
    positions: Mapping[str, int]

    @classmethod
    def parts(cls, task: Task) -> tuple[Task, ...]:
        """Tasks of its own making; where there are any, they are its `tasks`."""
        return ()

    @classmethod
    def opened(cls, given: Mapping[str, object], written: Sequence[str]) -> Self:
        """An instance that knows the properties without expressions, which is enough to say what is ready.

        `written` are the ids of its own tasks in the order of the text, disabled ones included: their `positions`.
        """
        instance = cls.bind(given, unrendered)
        instance.given = given
        instance.positions = {id: position for position, id in enumerate(written)}
        return instance

    def bound(self, render: Render) -> Self:
        """The same with all properties rendered."""
        return type(self).bind(self.given, render) if has_templates(type(self)) else self

    def begin(self, order: Order) -> Begun:
        """Asked when the flowable starts, and at each new turn; what is rendered here is rendered once."""
        return Begun()

    def ready(self, children: Children) -> Sequence[Place]:
        """Which children may be created now; asked after each change until a child has failed or there is nothing more.

        It sees the children as they were before, and names each one once.
        """
        raise NotImplementedError

    def follows(self, place: Place, other: Place, *, later: bool) -> bool:
        """Whether the child `other` has to run again when `place` does; `later` tells that it was created later.

        Asked when an execution is replayed from `place`.
        """
        return later

    def close(self, order: Order, guess: State) -> Closed | Again:
        """Asked when all has ended; `guess` is what the children's states come to."""
        return Closed(state=guess)


class FolderTask(FlowableTask):
    """A flowable whose tasks share a working folder; a worker fills it before the first one and keeps what shall last.

    Its properties are the worker's to render.
    """

    restarts_whole = True

    @property
    def fills(self) -> bool:
        """Whether there is anything to bring before the first task."""
        raise NotImplementedError

    @property
    def keeps(self) -> bool:
        """Whether there is anything to store after the last one."""
        raise NotImplementedError

    def fill(self, ctx: RunContext) -> None:
        """Bring what belongs into `ctx.working_dir`; done again after a crash."""
        raise NotImplementedError

    def keep(self, ctx: RunContext) -> Output:
        """Store what shall last and return the flowable's outputs; done again after a crash."""
        raise NotImplementedError

    def bound(self, render: Render) -> Self:
        """As it is: nothing is rendered here."""
        return self


def in_order(tasks: Sequence[Task], children: Children) -> Sequence[Place]:
    """One after the other: the next task, once nothing runs."""
    if children.running or children.created >= len(tasks):
        return ()
    return (Place(tasks[children.created].id),)


def side_by_side(tasks: Sequence[Task], children: Children, limit: int) -> Sequence[Place]:
    """As many at the same time as `limit` allows, 0 being no limit, in the order they are written."""
    free = len(tasks) if limit <= 0 else max(0, limit - children.running)
    return [Place(task.id) for task in tasks[children.created : children.created + free]]
