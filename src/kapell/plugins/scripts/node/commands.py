"""`io.kestra.plugin.scripts.node.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._npm import PackageTask
from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(PackageTask, CommandList):
    """Run shell commands that use Node.js, such as a script from a file."""

    examples = (
        Example(
            "Run a file",
            'inputFiles:\n  main.js: |\n    console.log("Hello {{ inputs.name }}");\ncommands:\n  - node main.js',
        ),
    )
