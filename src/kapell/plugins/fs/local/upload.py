"""`io.kestra.plugin.fs.local.Upload`."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote

from kapell.plugins.fs.local._local import target, write
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class UploadOutput(Output, frozen=True, kw_only=True):
    """The file on the machine, and its size in bytes."""

    uri: str
    size: int


class Upload(RunnableTask[UploadOutput]):
    """Copy a stored file to the worker's machine."""

    source: Templated[str] = prop("Address of the stored file.", key="from")
    to: Templated[str] = prop("The path to write, or a folder, which ends with `/`.")
    overwrite: Templated[bool] = prop("Whether a file that is there is replaced.", default=True)

    examples = (Example("A report", 'from: "{{ outputs.report.uri }}"\nto: /data/reports/today.csv'),)

    def run(self, ctx: RunContext) -> UploadOutput:
        """Copy it."""
        path = target(self.to, self.overwrite, PurePosixPath(unquote(self.source)).name)
        write(ctx, self.source, path)
        return UploadOutput(uri=path.as_uri(), size=path.stat().st_size)
