"""`io.kestra.plugin.core.storage.Size`."""

from __future__ import annotations

from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class SizeOutput(Output, frozen=True, kw_only=True):
    """How large the file is."""

    size: int


class Size(RunnableTask[SizeOutput]):
    """Tell how many bytes a file of internal storage has."""

    uri: Templated[str] = prop("Address of the file.")

    aliases = ("io.kestra.core.tasks.storages.Size",)
    examples = (Example("Of a download", 'uri: "{{ outputs.download.uri }}"'),)

    def run(self, ctx: RunContext) -> SizeOutput:
        """Ask the storage."""
        return SizeOutput(size=ctx.files.size(self.uri))
