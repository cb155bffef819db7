"""`io.kestra.plugin.fs.local.Copy`."""

from __future__ import annotations

import shutil

from kapell.plugins.fs.local._local import existing, target
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop


class Copy(RunnableTask[Void]):
    """Copy a file or a folder within the worker's machine."""

    source: Templated[str] = prop("The path of what is there.", key="from")
    to: Templated[str] = prop("The path that it gets, or a folder that is there or ends with `/`.")
    overwrite: Templated[bool] = prop("Whether what is there is replaced.", default=False)

    examples = (Example("Into an archive", "from: /data/incoming/orders.csv\nto: /data/archive/orders.csv"),)

    def run(self, ctx: RunContext) -> Void:
        """Copy it."""
        source = existing(self.source)
        path = target(self.to, self.overwrite, source.name)
        if source.is_dir():
            shutil.copytree(source, path, dirs_exist_ok=True)
        else:
            shutil.copy2(source, path)
        return Void()
