"""`io.kestra.plugin.core.storage.Delete`."""

from __future__ import annotations

from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop


class DeleteOutput(Output, frozen=True, kw_only=True):
    """What has become of the file."""

    uri: str
    deleted: bool


class Delete(RunnableTask[DeleteOutput]):
    """Delete a file of internal storage."""

    uri: Templated[str] = prop("Address of the file.")
    error_on_missing: Templated[bool] = prop("Fail where there is no such file.", default=False)

    aliases = ("io.kestra.core.tasks.storages.Delete",)
    examples = (Example("A download that was used up", 'uri: "{{ outputs.download.uri }}"'),)

    def run(self, ctx: RunContext) -> DeleteOutput:
        """Delete it."""
        deleted = ctx.files.delete([self.uri]) > 0
        if self.error_on_missing and not deleted:
            raise TaskFailed(f"Unable to find file '{self.uri}'")
        return DeleteOutput(uri=self.uri, deleted=deleted)
