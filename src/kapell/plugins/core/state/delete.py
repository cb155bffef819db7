"""`io.kestra.plugin.core.state.Delete`."""

from __future__ import annotations

from kapell.plugins.core.state._state import Stated
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop


class DeleteOutput(Output, frozen=True, kw_only=True):
    """What has come of it."""

    deleted: bool


class Delete(Stated, RunnableTask[DeleteOutput]):
    """Delete a state. Deprecated: `kv.Delete` does more."""

    error_on_missing: Templated[bool] = prop("Whether it fails the task when there is no such state.", default=False)

    deprecated = True
    aliases = ("io.kestra.core.tasks.states.Delete",)
    examples = (Example("Begin anew", "name: default"),)

    def run(self, ctx: RunContext) -> DeleteOutput:
        """Delete it."""
        deleted = ctx.kv.delete(ctx.namespace, self.key(ctx))
        if not deleted and self.error_on_missing:
            raise TaskFailed(f"State {self.key(ctx)} not found")
        return DeleteOutput(deleted=deleted)
