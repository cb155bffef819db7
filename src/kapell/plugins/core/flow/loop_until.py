"""`io.kestra.plugin.core.flow.LoopUntil`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from kapell.sdk import (
    Again,
    Begun,
    Children,
    Closed,
    Example,
    Expression,
    FlowableTask,
    Order,
    Part,
    Place,
    State,
    Task,
    Tasks,
    Templated,
    in_order,
    prop,
    truthy,
)
from kapell.sdk.duration import parse_duration


class CheckFrequency(Part):
    """How often, and for how long at most."""

    interval: Templated[timedelta] = prop("How long to wait between two turns.", default="PT1M")
    max_iterations: Templated[int] | None = prop("How many turns there may be after the first one.", default=None)
    max_duration: Templated[timedelta] | None = prop("For how long new turns may begin.", default=None)


class LoopUntil(FlowableTask):
    """Run tasks again and again until a condition holds."""

    condition: Expression[str] = prop("Evaluated after each turn; the loop ends when it is true.")
    tasks: Tasks = prop("The tasks of a turn, in order.", filled=True)
    check_frequency: CheckFrequency = prop("How often to begin again.", default={})
    fail_on_max_reached: bool = prop("Fail when the most turns, or the longest time, are used up.", default=False)

    repeats = True
    aliases = ("io.kestra.plugin.core.flow.WaitFor",)
    examples = (
        Example(
            "Until a service is up",
            "condition: \"{{ outputs.ask.value == 'up' }}\"\n"
            "checkFrequency: {interval: PT5S, maxIterations: 10}\n"
            "tasks:\n  - {id: ask, type: io.kestra.plugin.core.debug.Return, format: up}",
        ),
    )

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """Turns and spans are more than nothing."""
        often = task.properties.get("check_frequency")
        if not isinstance(often, Mapping):
            return
        most = often.get("maxIterations")
        if isinstance(most, int) and most < 1:
            yield "checkFrequency.maxIterations", "must be greater than 0"
        for key in ("maxDuration", "interval"):
            if _is_nothing(often.get(key)):
                yield f"checkFrequency.{key}", "must be a positive duration"

    def begin(self, order: Order) -> Begun:
        """Count the turns."""
        return Begun(outputs={"iterationCount": order.turn + 1})

    def ready(self, children: Children) -> Sequence[Place]:
        """The next one, once the one before has ended."""
        return in_order(self.tasks, children)

    def close(self, order: Order, guess: State) -> Closed | Again:
        """Look at the condition; begin again, unless that is enough."""
        if truthy(order.render(self.condition)):
            return Closed(state=guess)
        often = self.check_frequency
        reached = self._reached(order, often)
        if reached is None:
            return Again(pause=often.interval)
        return Closed(state=State.FAILED if self.fail_on_max_reached else guess, warning=f"Max {reached} reached")

    def _reached(self, order: Order, often: CheckFrequency) -> str | None:
        if often.max_iterations is not None and order.turn >= often.max_iterations:
            return "iterations"
        if often.max_duration is not None and order.elapsed + often.interval > often.max_duration:
            return "duration"
        return None


def _is_nothing(span: object) -> bool:
    """Whether this is a duration, and no time at all; what it is not is found when it is rendered."""
    try:
        return span is not None and parse_duration(str(span)) <= timedelta()
    except ValueError:
        return False
