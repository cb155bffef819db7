"""`io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class PurgeCurrentExecutionFilesOutput(Output, frozen=True, kw_only=True):
    """What was deleted."""

    uris: Sequence[str]


class PurgeCurrentExecutionFiles(RunnableTask[PurgeCurrentExecutionFilesOutput]):
    """Delete all files of this execution: of its inputs, its trigger and its tasks."""

    include_child_executions: Templated[bool] = prop(
        "Without effect, as in Kestra, and said so in the log: files of other executions stay.", default=False
    )
    include_states: Templated[bool] = prop(
        "Without effect, as in Kestra, and said so in the log: states stay.", default=False
    )

    aliases = (
        "io.kestra.core.tasks.storages.PurgeExecution",
        "io.kestra.plugin.core.storage.PurgeExecution",
    )
    examples = (Example("At the end of a flow", "{}"),)

    def run(self, ctx: RunContext) -> PurgeCurrentExecutionFilesOutput:
        """Delete what lies below the execution's folder."""
        if self.include_child_executions or self.include_states:
            ctx.log("WARN", "Files of child executions and states stay: this task deletes those of its own execution")
        own = f"/executions/{ctx.execution_id}"
        folder = ctx.storage_prefix.partition(f"{own}/")[0] + own
        addresses = list(ctx.files.walk(folder))
        ctx.files.delete(addresses)
        return PurgeCurrentExecutionFilesOutput(uris=addresses)
