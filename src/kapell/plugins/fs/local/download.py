"""`io.kestra.plugin.fs.local.Download`."""

from __future__ import annotations

from kapell.plugins.fs.local._local import existing, store
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop


class DownloadOutput(Output, frozen=True, kw_only=True):
    """The stored copy, and its size in bytes."""

    uri: str
    size: int


class Download(RunnableTask[DownloadOutput]):
    """Store a copy of a file of the worker's machine."""

    source: Templated[str] = prop("The path of the file.", key="from")

    examples = (Example("A drop folder", "from: /data/incoming/orders.csv"),)

    def run(self, ctx: RunContext) -> DownloadOutput:
        """Copy it."""
        path = existing(self.source)
        if not path.is_file():
            raise TaskFailed(f"`{self.source}` is no file: for a folder there is `Downloads`")
        uri = store(ctx, path)
        return DownloadOutput(uri=uri, size=ctx.files.size(uri))
