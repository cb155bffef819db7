"""`io.kestra.plugin.core.flow.AllowFailure`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import Children, Closed, Example, FlowableTask, Order, Place, State, Tasks, in_order, prop


class AllowFailure(FlowableTask):
    """Run tasks one after the other; when one fails, the rest is left out, and the flow goes on with a warning."""

    tasks: Tasks = prop("The tasks, in order.", filled=True)

    aliases = ("io.kestra.core.tasks.flows.AllowFailure",)
    examples = (Example("Try", "tasks:\n  - {id: maybe, type: io.kestra.plugin.core.execution.Fail}"),)

    def ready(self, children: Children) -> Sequence[Place]:
        """The next one, once the one before has ended."""
        return in_order(self.tasks, children)

    def close(self, order: Order, guess: State) -> Closed:
        """A failure is a warning."""
        return Closed(state=State.WARNING if guess is State.FAILED else guess)
