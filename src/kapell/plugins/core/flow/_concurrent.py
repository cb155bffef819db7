"""What the flowables share whose tasks run at the same time: how many of them may, and what one's failure does."""

from __future__ import annotations

from typing import Literal

from kapell.sdk import FlowableTask, State, prop


class ConcurrentTask(FlowableTask):
    """Runs its tasks side by side."""

    concurrent: int = prop("How many may run at the same time; 0 for all.", default=0, least=0)
    on_child_failure: Literal["FAIL", "CANCEL", "CONTINUE"] = prop(
        "What becomes of the tasks that still run when one has failed: they are stopped, and have failed or are "
        "cancelled, or they run on.",
        default="CONTINUE",
    )

    @property
    def after_failure(self) -> State | None:
        """What stopped siblings have come to."""
        return {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}.get(self.on_child_failure)
