"""`io.kestra.plugin.compress.ArchiveDecompress`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.plugins.compress._archive import Archiving, reading
from kapell.plugins.compress._codec import decompressing
from kapell.plugins.compress._limit import Unpacking
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.draft import opened


class FilesOutput(Output, frozen=True, kw_only=True):
    """The files by their names in the archive."""

    files: Mapping[str, str]


class ArchiveDecompress(Archiving, Unpacking, RunnableTask[FilesOutput]):
    """Store the files that are in an archive."""

    source: Templated[str] = prop("Address of the archive.", key="from")

    examples = (Example("A download", 'algorithm: ZIP\nfrom: "{{ outputs.download.uri }}"'),)

    def run(self, ctx: RunContext) -> FilesOutput:
        """Store file after file."""
        files: dict[str, str] = {}
        size = 0
        with opened(ctx, self.source) as content, decompressing(content, self.compression) as plain:
            members, archive = self.limit(ctx, self.source), self.limit(ctx, self.source).measured(plain)
            with reading(archive, self.algorithm) as found:
                for name, member in found:
                    if ctx.cancelled:
                        raise TaskFailed("The task was asked to stop")
                    files[name] = ctx.files.put(f"{ctx.storage_prefix}/{name}", members.measured(member))
                    size += ctx.files.size(files[name])
        ctx.metric("size", size)
        ctx.metric("count", len(files))
        return FilesOutput(files=files)
