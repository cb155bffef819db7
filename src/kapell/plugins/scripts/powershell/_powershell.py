"""What PowerShell's script tasks share: the interpreter, and how it stops."""

from __future__ import annotations

from kapell.plugins.scripts._script import ExecTask
from kapell.sdk import Templated, prop


class PowerShellTask(ExecTask):
    """Runs commands with PowerShell."""

    interpreter: Templated[list[str]] = prop(
        "The program that is given all commands, one a line, as its last argument.",
        default=("pwsh", "-NoProfile", "-NonInteractive", "-Command"),
        filled=True,
    )

    stop_at_failure = "$ErrorActionPreference = 'Stop'"
