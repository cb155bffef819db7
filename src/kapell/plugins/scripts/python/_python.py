"""What Python's script tasks share: the environment, and the real binary."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kapell.plugins.scripts._environment import real_python
from kapell.plugins.scripts._work import Work
from kapell.sdk import TaskFailed

ADDITIONS: Mapping[str, str] = {
    "PYTHONUNBUFFERED": "true",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


def binary(work: Work) -> str:
    """The Python that scripts run with; fails the task where there is none."""
    found = real_python(work.env)
    if found is None:
        raise TaskFailed("`python3` is not installed where the worker runs")
    return found


def with_python(env: dict[str, str], work: Work) -> dict[str, str]:
    """`env` with a PATH in which both `python` and `python3` are that Python."""
    found = Path(binary(work))
    folders = env.get("PATH", os.defpath).split(os.pathsep)
    if str(found.parent) not in folders:
        folders.insert(0, str(found.parent))
    if not (found.parent / "python").exists():
        folders.insert(0, str(work.alias("python", found)))
    return {**env, "PATH": os.pathsep.join(folders)}
