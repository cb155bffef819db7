"""`io.kestra.plugin.core.flow.Sequential`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import Children, Example, FlowableTask, Place, Tasks, in_order, prop


class Sequential(FlowableTask):
    """Run tasks one after the other, as a group."""

    tasks: Tasks = prop("The tasks, in order.", filled=True)

    aliases = ("io.kestra.core.tasks.flows.Sequential",)
    examples = (Example("Two in a row", "tasks:\n  - {id: one, type: io.kestra.plugin.core.log.Log, message: one}"),)

    def ready(self, children: Children) -> Sequence[Place]:
        """The next one, once the one before has ended."""
        return in_order(self.tasks, children)
