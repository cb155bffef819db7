"""`io.kestra.plugin.core.flow.EachParallel`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.plugins.core.flow import _each
from kapell.sdk import Begun, Children, Example, Expression, FlowableTask, Order, Place, Tasks, prop


class EachParallel(FlowableTask):
    """Run tasks for each value of a list, all at the same time; the older form of ForEach without a limit."""

    value: Expression[list[object]] = prop("The values: a list, or text that is a JSON list.")
    concurrent: int = prop("How many task runs may run at the same time; 0 for all.", default=0, least=0)
    tasks: Tasks = prop("The tasks of a turn; they do not wait for one another.", filled=True)

    deprecated = True
    aliases = ("io.kestra.core.tasks.flows.EachParallel",)
    examples = (
        Example(
            "Two greetings",
            "value: [Ada, Bob]\n"
            'tasks:\n  - {id: greet, type: io.kestra.plugin.core.log.Log, message: "Hello {{ taskrun.value }}"}',
        ),
    )

    def begin(self, order: Order) -> Begun:
        """Evaluate the values, once."""
        return _each.begin(order, self.value)

    def ready(self, children: Children) -> Sequence[Place]:
        """All task runs that have not been created yet, as far as the limit allows."""
        values = children.memo()["values"]
        assert isinstance(values, list)
        size = len(self.tasks)
        free = max(0, (self.concurrent or _each.MOST_AT_ONCE) - children.running)
        numbers = range(children.created, min(size * len(values), children.created + free))
        return [Place(self.tasks[number % size].id, values[number // size], number) for number in numbers]

    def follows(self, place: Place, other: Place, *, later: bool) -> bool:
        """None depends on another."""
        return False
