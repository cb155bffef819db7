"""Runs what installs packages for scripts."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from pathlib import Path

from kapell.sdk import Command, RunContext, TaskFailed, default_runner

PROCESS = "io.kestra.plugin.core.runner.Process"
LAST_LINES = 30


def install(ctx: RunContext, folder: Path, env: Mapping[str, str], failure: str, *command: str) -> None:
    """Run it; where it fails, so does the task, with its words below those of `failure`."""
    said: deque[str] = deque(maxlen=LAST_LINES)

    def hear(line: str, _is_error: bool) -> None:
        if line.strip():
            said.append(line)
            ctx.log("DEBUG", line)

    if default_runner(PROCESS).run(Command(arguments=command, folder=folder, env=env), ctx, hear):
        raise TaskFailed("\n".join([failure, *said]))
