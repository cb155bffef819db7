"""`io.kestra.plugin.fs.local.Delete`."""

from __future__ import annotations

import shutil

from kapell.plugins.fs.local._local import allowed
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop


class DeleteOutput(Output, frozen=True, kw_only=True):
    """The path, and whether there was anything."""

    path: str
    deleted: bool


class Delete(RunnableTask[DeleteOutput]):
    """Delete a file, or a folder with all that is in it, from the worker's machine."""

    path: Templated[str] = prop("The path.", aliases=("from",))
    error_on_missing: Templated[bool] = prop("Whether nothing being there is an error.", default=False)
    recursive: Templated[bool] = prop("Whether a folder is deleted that holds anything.", default=False)

    examples = (Example("A file that is done with", "path: /data/incoming/orders.csv\nerrorOnMissing: true"),)

    def run(self, ctx: RunContext) -> DeleteOutput:
        """Delete it."""
        path = allowed(self.path)
        if not path.exists():
            if self.error_on_missing:
                raise TaskFailed(f"`{self.path}` does not exist")
            return DeleteOutput(path=str(path), deleted=False)
        if not path.is_dir():
            path.unlink()
        elif self.recursive:
            shutil.rmtree(path)
        else:
            path.rmdir()
        return DeleteOutput(path=str(path), deleted=True)
