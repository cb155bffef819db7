"""Flowables that wait for a person: what they ask for, what runs while they begin to wait, and what an answer means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from kapell.errors import KapellError
from kapell.model.flow import Task
from kapell.model.input import Input
from kapell.model.messages import Decision
from kapell.model.state import State
from kapell.model.task_run import Outputs
from kapell.sdk.flowable import FlowableTask, Order
from kapell.sdk.registry import find_task


class Answer(Struct, frozen=True, kw_only=True):
    """How a wait has ended. `to` is what a pause comes to; `due` is when time alone would have ended it."""

    on: datetime
    to: State
    values: Mapping[str, object] | None = None
    decision: Decision | None = None
    comment: str | None = None
    by: str | None = None
    due: datetime | None = None


class Answered(Struct, frozen=True, kw_only=True):
    """What an answer means: outputs beside those there are, things to remember, and the end, or None to go on."""

    outputs: Outputs
    memo: Mapping[str, object] = {}
    state: State | None = None


class PausingTask(FlowableTask):
    """A flowable that waits for a person, as `begin` says by `Begun.pausing`.

    `asks` names the property with the inputs that the person gives, `answers` the output that holds them, and
    `meanwhile` the property with the tasks that run because of the wait.
    """

    asks: ClassVar[str]
    answers: ClassVar[str]
    meanwhile: ClassVar[str]
    decides: ClassVar[bool] = False
    """Whether the person decides. Then the tasks of `meanwhile` come before the wait, inside of it; else beside it."""

    def refuses(self, order: Order, answer: Answer) -> str | None:
        """Why this can't be the answer of a person, None when it can."""
        raise NotImplementedError

    def answered(self, answer: Answer) -> Answered:
        """What the end of the wait means."""
        raise NotImplementedError


def pausing_type(task: Task) -> type[PausingTask] | None:
    """The class of a task that waits for a person; None for any other task, or one that is not known."""
    try:
        found = find_task(task.type)
    except KapellError:
        return None
    return found if issubclass(found, PausingTask) else None


def asked_inputs(task: Task | None) -> tuple[Input, ...]:
    """What a task asks a person for; nothing for any other task."""
    pausing = pausing_type(task) if task else None
    asked = task.properties.get(pausing.asks) if task and pausing else None
    return tuple(one for one in asked if isinstance(one, Input)) if isinstance(asked, list | tuple) else ()
