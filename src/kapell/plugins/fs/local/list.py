"""`io.kestra.plugin.fs.local.List`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.plugins.fs.local._local import LocalFile, described, found
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class ListOutput(Output, frozen=True, kw_only=True):
    """What is known of the files, and how many there are."""

    files: Sequence[LocalFile]
    count: int


class List(RunnableTask[ListOutput]):
    """List the files in a folder of the worker's machine."""

    source: Templated[str] = prop("The folder.", key="from")
    reg_exp: Templated[str] | None = prop("Take those whose names fit this regular expression.", default=None)
    recursive: Templated[bool] = prop("Whether to look into the folders inside, too.", default=False)
    max_files: Templated[int] = prop("The most files to list, the first by path.", default=10_000, least=1)

    examples = (Example("CSV files", "from: /data/incoming\nregExp: .*\\.csv\nrecursive: true"),)

    def run(self, ctx: RunContext) -> ListOutput:
        """Look."""
        files = [described(path) for path in found(self.source, self.reg_exp, self.recursive, self.max_files)]
        return ListOutput(files=files, count=len(files))
