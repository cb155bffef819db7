"""`io.kestra.plugin.fs.local.Downloads`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from kapell.plugins.fs.local._local import LocalFile, described, found, store, target
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop


class DownloadsOutput(Output, frozen=True, kw_only=True):
    """What is known of the files, and their stored copies by name."""

    files: Sequence[LocalFile]
    output_files: Mapping[str, str]


class Downloads(RunnableTask[DownloadsOutput]):
    """Store copies of the files in a folder of the worker's machine, and move or delete those if asked to."""

    source: Templated[str] = prop("The folder, or one file.", key="from")
    reg_exp: Templated[str] | None = prop("Take those whose names fit this regular expression.", default=None)
    recursive: Templated[bool] = prop("Whether to look into the folders inside, too.", default=False)
    max_files: Templated[int] = prop("The most files to take, the first by path.", default=25, least=1)
    action: Templated[Literal["MOVE", "DELETE", "NONE"]] = prop(
        "What to do with a file once it is stored.", default="NONE"
    )
    move_directory: Templated[str] | None = prop("The folder to move files to.", default=None)

    examples = (
        Example(
            "A drop folder that is emptied",
            "from: /data/incoming\nregExp: .*\\.csv\naction: MOVE\nmoveDirectory: /data/done/",
        ),
    )

    def run(self, ctx: RunContext) -> DownloadsOutput:
        """Store all, then move or delete them."""
        if self.action == "MOVE" and not self.move_directory:
            raise TaskFailed("moveDirectory: it must be set for the action MOVE")
        paths = found(self.source, self.reg_exp, self.recursive, self.max_files)
        files = [described(path, store(ctx, path)) for path in paths]
        for path in paths:
            self._done_with(path)
        return DownloadsOutput(files=files, output_files={file.name: file.uri or "" for file in files})

    def _done_with(self, path: Path) -> None:
        if self.action == "DELETE":
            path.unlink()
        elif self.action == "MOVE":
            shutil.move(path, target(f"{str(self.move_directory).rstrip('/')}/", True, path.name))
