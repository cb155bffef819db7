"""`io.kestra.plugin.core.flow.Parallel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kapell.sdk import Children, Example, FlowableTask, Place, State, Tasks, prop, side_by_side


class Parallel(FlowableTask):
    """Run tasks at the same time."""

    tasks: Tasks = prop("The tasks; they are created in this order.", filled=True)
    concurrent: int = prop("How many may run at the same time; 0 for all.", default=0, least=0)

    on_child_failure: Literal["FAIL", "CANCEL", "CONTINUE"] = prop(
        "What becomes of the tasks that still run when one has failed: they are stopped, and have failed or are "
        "cancelled, or they run on.",
        default="CONTINUE",
    )

    aliases = ("io.kestra.core.tasks.flows.Parallel",)
    examples = (
        Example(
            "Two at once",
            "tasks:\n"
            "  - {id: left, type: io.kestra.plugin.core.log.Log, message: left}\n"
            "  - {id: right, type: io.kestra.plugin.core.log.Log, message: right}",
        ),
    )

    @property
    def after_failure(self) -> State | None:
        """What stopped siblings have come to."""
        return {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}.get(self.on_child_failure)

    def ready(self, children: Children) -> Sequence[Place]:
        """All that have not been created yet, as far as the limit allows."""
        return side_by_side(self.tasks, children, self.concurrent)

    def follows(self, place: Place, other: Place, *, later: bool) -> bool:
        """None depends on another."""
        return False
