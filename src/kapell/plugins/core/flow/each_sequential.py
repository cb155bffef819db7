"""`io.kestra.plugin.core.flow.EachSequential`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.plugins.core.flow import _each
from kapell.sdk import Begun, Children, Example, Expression, FlowableTask, Order, Place, Tasks, prop


class EachSequential(FlowableTask):
    """Run tasks for each value of a list, one turn after the other; the older form of ForEach."""

    value: Expression[list[object]] = prop("The values: a list, or text that is a JSON list.")
    tasks: Tasks = prop("The tasks of a turn, in order.", filled=True)

    deprecated = True
    aliases = ("io.kestra.core.tasks.flows.EachSequential",)
    examples = (
        Example(
            "Two greetings",
            'value: \'["Ada", "Bob"]\'\n'
            'tasks:\n  - {id: greet, type: io.kestra.plugin.core.log.Log, message: "Hello {{ taskrun.value }}"}',
        ),
    )

    def begin(self, order: Order) -> Begun:
        """Evaluate the values, once."""
        return _each.begin(order, self.value)

    def ready(self, children: Children) -> Sequence[Place]:
        """The next task of the turn, or the first one of the next turn."""
        return _each.turns(self.tasks, children, 1, self.positions)
