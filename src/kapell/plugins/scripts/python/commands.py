"""`io.kestra.plugin.scripts.python.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.plugins.scripts.python._python import PythonTask
from kapell.sdk import Example


class Commands(PythonTask, CommandList):
    """Run shell commands with Python at hand, such as a script from a file."""

    examples = (
        Example(
            "Run a file",
            'inputFiles:\n  main.py: |\n    print("Hello {{ inputs.name }}")\ncommands:\n  - python main.py',
        ),
    )
