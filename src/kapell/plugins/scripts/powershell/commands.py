"""`io.kestra.plugin.scripts.powershell.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.plugins.scripts.powershell._powershell import PowerShellTask
from kapell.sdk import Example


class Commands(PowerShellTask, CommandList):
    """Run PowerShell commands, one after the other."""

    examples = (Example("Two commands", "commands:\n  - Write-Output one\n  - Write-Output two"),)
