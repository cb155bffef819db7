"""Task runners: where the command of a script runs. They are types like tasks, written under `taskRunner`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from kapell.errors import UnknownType
from kapell.sdk.context import RunContext
from kapell.sdk.prop import Properties
from kapell.sdk.registry import find
from kapell.sdk.shape import Plugin
from kapell.sdk.task import TaskFailed


class ProgramMissing(TaskFailed):
    """A command's program is not there."""

    def __init__(self, program: str) -> None:
        super().__init__(f"`{program}` is not installed where the worker runs")
        self.program = program


class Command(Struct, frozen=True, kw_only=True):
    """What to run: `arguments` as the kernel takes them, in `folder`, with exactly the environment `env`."""

    arguments: tuple[str, ...]
    folder: Path
    env: Mapping[str, str]


class TaskRunner(Properties, Plugin):
    """Runs one command to its end, streaming what it says."""

    def run(self, command: Command, ctx: RunContext, on_line: Callable[[str, bool], None]) -> int:
        """Return the exit code (128 + n after signal n).

        `on_line` hears each line as it comes, with True for those of standard error. When the task is cancelled the
        command's whole process tree is ended before this returns.
        """
        raise NotImplementedError


def default_runner(type_name: str) -> TaskRunner:
    """A task runner with all its properties as they are by default; raises `UnknownType`."""
    runner = find(type_name).bind({}, lambda value, _typed: value)
    if not isinstance(runner, TaskRunner):
        raise UnknownType(type_name)
    return runner
