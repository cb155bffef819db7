"""`io.kestra.plugin.scripts.go.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use Go, such as a script from a file."""

    examples = (
        Example(
            "Run a file",
            'inputFiles:\n  main.go: |\n    package main\n    func main() { println("Hello") }\n'
            "commands:\n  - go run main.go",
        ),
    )
