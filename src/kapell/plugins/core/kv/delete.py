"""`io.kestra.plugin.core.kv.Delete`."""

from __future__ import annotations

from kapell.plugins.core.kv._missing import missing
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class DeleteOutput(Output, frozen=True, kw_only=True):
    """What has come of it."""

    deleted: bool


class Delete(RunnableTask[DeleteOutput]):
    """Delete a key of a namespace; its revisions stay until they are purged."""

    key: Templated[str] = prop("The key.")
    namespace: Templated[str] = prop("The namespace.", default="{{ flow.namespace }}")
    error_on_missing: Templated[bool] = prop("Whether it fails the task when there is no such key.", default=False)

    examples = (Example("Forget a value", "key: my_variable"),)

    def run(self, ctx: RunContext) -> DeleteOutput:
        """Delete it."""
        deleted = ctx.kv.delete(self.namespace, self.key)
        if not deleted and self.error_on_missing:
            raise missing(self.key, self.namespace)
        return DeleteOutput(deleted=deleted)
