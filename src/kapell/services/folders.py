"""Working folders that the tasks of a WorkingDirectory share, named after its task run.

They outlive a crash: what goes on after it finds its files. One that nobody needs any more goes when its task run has
ended, or at the next start.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from kapell.model.log import LogLine
from kapell.model.messages import Step
from kapell.ports.executions import Executions
from kapell.sdk.removal import remove

LOG = logging.getLogger(__name__)
GONE = ".gone-"


class Folders:
    """The folders below `root`, on the machine of the workers that use them.

    With workers on several machines, all jobs of one folder have to go to the one that has it; each of them keeps its
    own folders, and hears of every end.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._used: set[str] = set()
        self._numbers = count()

    def path(self, execution_id: str, run_id: str) -> Path:
        """Where the folder of a task run is, or is to be made."""
        name = f"{execution_id}.{run_id}"
        self._used.add(name)
        return self.root.resolve() / name

    def hear(self, steps: Sequence[Step], lines: Sequence[LogLine]) -> None:
        """Remove the folders of task runs that have ended, as a watcher of the feed."""
        if not self._used:
            return
        ended = {f"{run.execution_id}.{run.id}": run.state.ended for step in steps for run in step.runs}
        for name in [name for name, has_ended in ended.items() if has_ended and name in self._used]:
            self._remove(name)

    async def sweep(self, executions: Executions) -> None:
        """Remove what was left of task runs that have ended or are no more; the others' folders are used again."""
        if not self.root.is_dir():
            return
        for folder in list(self.root.iterdir()):
            execution_id, _, run_id = folder.name.partition(".")
            runs = await executions.task_runs(execution_id) if not folder.name.startswith(GONE) else []
            if any(run.id == run_id and not run.state.ended for run in runs):
                self._used.add(folder.name)
            else:
                LOG.info("action=sweep folder=%s", folder)
                self._remove(folder.name)

    def _remove(self, name: str) -> None:
        """Take the name away at once, so that it can be used anew, and the files in their own time."""
        self._used.discard(name)
        gone = self.root / f"{GONE}{next(self._numbers)}-{name.removeprefix(GONE)}"
        try:
            (self.root / name).rename(gone)
        except FileNotFoundError:
            return
        threading.Thread(target=remove, args=(gone,), name="kapell-remove", daemon=True).start()
