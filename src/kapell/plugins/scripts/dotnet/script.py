"""`io.kestra.plugin.scripts.dotnet.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a C# script that is written in the flow, by `dotnet-script`."""

    extension = ".csx"
    stem = "kestra_script"
    program = ("dotnet-script",)
    examples = (Example("Say hello", 'script: |\n  Console.WriteLine("Hello {{ inputs.name }}");'),)
