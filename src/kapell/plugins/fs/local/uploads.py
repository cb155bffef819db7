"""`io.kestra.plugin.fs.local.Uploads`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from kapell.plugins.fs.local._local import target, write
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class UploadsOutput(Output, frozen=True, kw_only=True):
    """The files on the machine."""

    files: Sequence[str]


class Uploads(RunnableTask[UploadsOutput]):
    """Copy several stored files into a folder of the worker's machine."""

    source: Templated[list[str]] = prop("Addresses of the stored files: a list, or its JSON.", key="from", filled=True)
    to: Templated[str] = prop("The folder.")
    overwrite: Templated[bool] = prop("Whether files that are there are replaced.", default=True)

    examples = (
        Example("Two files", 'from:\n  - "{{ outputs.one.uri }}"\n  - "{{ outputs.two.uri }}"\nto: /data/reports/'),
    )

    def run(self, ctx: RunContext) -> UploadsOutput:
        """Copy one after the other."""
        made = []
        for address in self.source:
            path = target(f"{self.to.rstrip('/')}/", self.overwrite, PurePosixPath(unquote(address)).name)
            write(ctx, address, path)
            made.append(path.as_uri())
        return UploadsOutput(files=made)
