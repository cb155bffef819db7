"""`io.kestra.plugin.core.flow.Pause`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Literal

from kapell.sdk import (
    Answer,
    Answered,
    Begun,
    Children,
    Closed,
    Example,
    Input,
    Order,
    Pausing,
    PausingTask,
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


class Pause(PausingTask):
    """Wait for a person to resume the execution, or for some time."""

    asks: ClassVar[str] = "on_resume"
    answers: ClassVar[str] = "onResume"
    meanwhile: ClassVar[str] = "onPause"

    pause_duration: Templated[timedelta] | None = prop(
        "How long to wait at most; without it, until somebody resumes.", default=None, aliases=("delay",)
    )
    behavior: Literal["RESUME", "WARN", "FAIL", "CANCEL"] = prop(
        "What happens when the time is over: go on, go on with a warning, fail, or cancel the execution.",
        default="RESUME",
    )
    on_resume: tuple[Input, ...] = prop("What the person is asked for; `outputs.<id>.onResume` holds it.", default=())
    on_pause: Task | None = prop(
        "A task to run when the pause begins, beside it; what becomes of it changes nothing else.", default=None
    )
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

    def refuses(self, order: Order, answer: Answer) -> str | None:
        """It takes no decision."""
        return "A Pause is resumed, it can't be approved or denied" if answer.decision else None

    def answered(self, answer: Answer) -> Answered:
        """Tell who has resumed it and what was given; go on with its tasks, if there are any and all is well."""
        given = {} if answer.values is None else {"onResume": answer.values}
        by = {} if answer.by is None else {"by": answer.by}
        return Answered(
            outputs={**given, "resumed": {**by, "on": answer.on, "to": answer.to.value}},
            memo={"warns": answer.to is State.WARNING},
            state=None if answer.to in (State.SUCCESS, State.WARNING) and self.tasks else answer.to,
        )

    def ready(self, children: Children) -> Sequence[Place]:
        """The tasks, one after the other."""
        return in_order(self.tasks, children)

    def close(self, order: Order, guess: State) -> Closed:
        """A pause that was over with a warning ends with one, unless its tasks came to worse."""
        warns = guess is State.SUCCESS and order.memo.get("warns")
        return Closed(state=State.WARNING if warns else guess)
