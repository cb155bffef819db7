"""`io.kestra.plugin.scripts.deno.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use Deno, such as a script from a file."""

    examples = (
        Example("Run a file", 'inputFiles:\n  main.ts: |\n    console.log("Hello");\ncommands:\n  - deno run main.ts'),
    )
