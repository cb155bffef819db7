"""`io.kestra.plugin.scripts.dotnet.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use .NET, such as a script from a file."""

    examples = (
        Example(
            "Run a file",
            'inputFiles:\n  main.csx: |\n    Console.WriteLine("Hello");\ncommands:\n  - dotnet-script main.csx',
        ),
    )
