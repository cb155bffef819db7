"""`io.kestra.plugin.core.storage.LocalFiles`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.folder import bring, store


class LocalFilesOutput(Output, frozen=True, kw_only=True):
    """The addresses of the stored files, by path."""

    uris: Mapping[str, str]


class LocalFiles(RunnableTask[LocalFilesOutput]):
    """Write files into the working folder, and store files that lie there.

    Deprecated: script tasks and WorkingDirectory have `inputFiles` and `outputFiles`.
    """

    inputs: Templated[Mapping[str, str]] | None = prop(
        "Files to write, by path: a text, or the address of a stored file.", default=None
    )
    outputs: Templated[list[str]] | None = prop("Paths and globs of the files to store.", default=None)

    deprecated = True
    aliases = ("io.kestra.core.tasks.storages.LocalFiles",)
    examples = (Example("Store what the tasks before have written", "outputs:\n  - orders.csv\n  - '*.parquet'"),)

    def run(self, ctx: RunContext) -> LocalFilesOutput:
        """Write, then store."""
        for name, content in (self.inputs or {}).items():
            bring(ctx, ctx.working_dir, name, content)
        return LocalFilesOutput(uris=store(ctx, ctx.working_dir, self.outputs or (), set()))
