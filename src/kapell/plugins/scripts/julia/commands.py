"""`io.kestra.plugin.scripts.julia.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use Julia, such as a script from a file."""

    examples = (Example("Run a file", 'inputFiles:\n  main.jl: |\n    println("Hello")\ncommands:\n  - julia main.jl'),)
