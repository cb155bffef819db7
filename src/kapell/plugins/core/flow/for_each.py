"""`io.kestra.plugin.core.flow.ForEach`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.plugins.core.flow import _each
from kapell.sdk import Begun, Children, Example, Expression, FlowableTask, Order, Place, Tasks, prop


class ForEach(FlowableTask):
    """Run tasks for each value of a list; `{{ taskrun.value }}` is the value."""

    values: Expression[list[object]] = prop("The values: a list, or text that is a JSON list.")
    concurrency_limit: int = prop("How many turns may run at the same time; 0 for all.", default=1, least=0)
    tasks: Tasks = prop("The tasks of a turn, in order.", filled=True)

    examples = (
        Example(
            "Three greetings",
            "values: [Ada, Bob, Cid]\n"
            'tasks:\n  - {id: greet, type: io.kestra.plugin.core.log.Log, message: "Hello {{ taskrun.value }}"}',
        ),
    )

    def begin(self, order: Order) -> Begun:
        """Evaluate the values, once."""
        return _each.begin(order, self.values)

    def ready(self, children: Children) -> Sequence[Place]:
        """The next task of each turn that runs, and the first ones of those that may begin."""
        return _each.turns(self.tasks, children, self.concurrency_limit, self.positions)

    def follows(self, place: Place, other: Place, *, later: bool) -> bool:
        """Within a turn, later tasks; other turns only when they run one after the other."""
        return later and (self.concurrency_limit == 1 or place.value == other.value)
