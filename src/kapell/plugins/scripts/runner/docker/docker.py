"""`io.kestra.plugin.scripts.runner.docker.Docker`."""

from __future__ import annotations

from collections.abc import Callable

from kapell.sdk import Command, RunContext, TaskRunner, default_runner

PROCESS = "io.kestra.plugin.core.runner.Process"


class Docker(TaskRunner):
    """Asks for a container; kapell has no container engine and runs the command as a process, with a warning.

    The options of a container have no meaning for a process, so none is accepted.
    """

    def run(self, command: Command, ctx: RunContext, on_line: Callable[[str, bool], None]) -> int:
        """Say that there is no container, and run the command on the worker's machine."""
        ctx.log("WARN", "No container engine is used here: the script runs as a process of the worker's machine")
        return default_runner(PROCESS).run(command, ctx, on_line)
