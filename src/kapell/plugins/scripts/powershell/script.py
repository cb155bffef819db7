"""`io.kestra.plugin.scripts.powershell.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.plugins.scripts.powershell._powershell import PowerShellTask
from kapell.sdk import Example


class Script(PowerShellTask, InlineScript):
    """Run a PowerShell script that is written in the flow."""

    extension = ".ps1"
    examples = (Example("Say hello", "script: |\n  'Hello {{ inputs.name }}' | Write-Output"),)
