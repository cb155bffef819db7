"""Starting `kapell` as a user does, and looking at the processes that are left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

KAPELL = Path(sys.executable).parent / "kapell"
LOG = "io.kestra.plugin.core.log.Log"
FAIL = "io.kestra.plugin.core.execution.Fail"
SHELL = "io.kestra.plugin.scripts.shell.Script"


def kapell(*arguments: str | Path, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """Run `kapell` to its end, through the command `before` where one is given."""
    command = [*before, str(KAPELL), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """Run `kapell` and read what it prints while it runs."""
    command = [str(KAPELL), *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def flow(folder: Path, *tasks: str, id: str = "flow", more: str = "") -> Path:
    """A file with a flow of these tasks, each written as YAML in one line."""
    file = folder / f"{id}.yaml"
    lines = "\n".join(f"  - {task}" for task in tasks)
    file.write_text(f"id: {id}\nnamespace: acceptance\n{more}tasks:\n{lines}\n")
    return file


def lives(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to notice does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")
