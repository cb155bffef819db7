"""`io.kestra.plugin.core.flow.If`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import Begun, Children, Example, Expression, FlowableTask, Order, Place, Tasks, in_order, prop, truthy


class If(FlowableTask):
    """Run some tasks when a condition holds, others when it does not."""

    condition: Expression[str] = prop("False when it is empty, `false`, `0` or `-0`; anything else is true.")
    then: Tasks = prop("Tasks to run when the condition holds.", filled=True)
    else_: Tasks = prop("Tasks to run when it does not.", default=())

    aliases = ("io.kestra.core.tasks.flows.If",)
    examples = (
        Example(
            "Only on weekdays",
            "condition: \"{{ inputs.day != 'SUNDAY' }}\"\n"
            "then:\n  - {id: work, type: io.kestra.plugin.core.log.Log, message: work}",
        ),
    )

    def begin(self, order: Order) -> Begun:
        """Evaluate the condition, once."""
        holds = truthy(order.render(self.condition))
        return Begun(outputs={"evaluationResult": holds}, memo={"holds": holds})

    def ready(self, children: Children) -> Sequence[Place]:
        """The tasks of the branch that was taken, one after the other."""
        return in_order(self.then if children.memo()["holds"] else self.else_, children)
