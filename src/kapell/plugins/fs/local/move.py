"""`io.kestra.plugin.fs.local.Move`."""

from __future__ import annotations

import shutil

from kapell.plugins.fs.local._local import existing, target
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop


class Move(RunnableTask[Void]):
    """Move a file or a folder within the worker's machine."""

    source: Templated[str] = prop("The path of what is there.", key="from")
    to: Templated[str] = prop("The path that it gets, or a folder that is there or ends with `/`.")
    overwrite: Templated[bool] = prop("Whether what is there is replaced.", default=False)

    examples = (Example("Into an archive", "from: /data/incoming/orders.csv\nto: /data/archive/orders.csv"),)

    def run(self, ctx: RunContext) -> Void:
        """Move it."""
        source = existing(self.source)
        path = target(self.to, self.overwrite, source.name)
        shutil.move(source, path)
        return Void()
