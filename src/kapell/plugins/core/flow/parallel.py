"""`io.kestra.plugin.core.flow.Parallel`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.plugins.core.flow._concurrent import ConcurrentTask
from kapell.sdk import Children, Example, Place, Tasks, prop, side_by_side


class Parallel(ConcurrentTask):
    """Run tasks at the same time."""

    tasks: Tasks = prop("The tasks; they are created in this order.", filled=True)

    aliases = ("io.kestra.core.tasks.flows.Parallel",)
    examples = (
        Example(
            "Two at once",
            "tasks:\n"
            "  - {id: left, type: io.kestra.plugin.core.log.Log, message: left}\n"
            "  - {id: right, type: io.kestra.plugin.core.log.Log, message: right}",
        ),
    )

    def ready(self, children: Children) -> Sequence[Place]:
        """All that have not been created yet, as far as the limit allows."""
        return side_by_side(self.tasks, children, self.concurrent)

    def follows(self, place: Place, other: Place, *, later: bool) -> bool:
        """None depends on another."""
        return False
