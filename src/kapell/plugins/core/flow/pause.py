"""`io.kestra.plugin.core.flow.Pause`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from kapell.sdk import (
    Begun,
    Children,
    Example,
    FlowableTask,
    Input,
    Order,
    Pausing,
    Place,
    State,
    Task,
    Tasks,
    Templated,
    in_order,
    prop,
)

OUTCOMES = {
    "RESUME": State.SUCCESS,
    "WARN": State.WARNING,
    "FAIL": State.FAILED,
    "CANCEL": State.CANCELLED,
}


class Pause(FlowableTask):
    """Wait for a person to resume the execution, or for some time."""

    pause_duration: Templated[timedelta] | None = prop(
        "How long to wait at most; without it, until somebody resumes.", default=None, aliases=("delay",)
    )
    behavior: Literal["RESUME", "WARN", "FAIL", "CANCEL"] = prop(
        "What happens when the time is over: go on, go on with a warning, fail, or cancel the execution.",
        default="RESUME",
    )
    on_resume: tuple[Input, ...] = prop("What the person is asked for; `outputs.<id>.onResume` holds it.", default=())
    on_pause: Task | None = prop("A task to run when the pause begins.", default=None)
    tasks: Tasks = prop("Tasks to run after the pause, inside of it.", default=())

    aliases = ("io.kestra.core.tasks.flows.Pause",)
    examples = (
        Example("Ask for a reason", "onResume:\n  - {id: reason, type: STRING}"),
        Example("Go on after an hour", "pauseDuration: PT1H"),
    )

    def begin(self, order: Order) -> Begun:
        """Wait."""
        if self.pause_duration is None and order.timeout is not None:
            return Begun(pausing=Pausing(span=order.timeout, state=State.FAILED))
        return Begun(pausing=Pausing(span=self.pause_duration, state=OUTCOMES[self.behavior]))

    def ready(self, children: Children) -> Sequence[Place]:
        """The tasks, one after the other."""
        return in_order(self.tasks, children)
