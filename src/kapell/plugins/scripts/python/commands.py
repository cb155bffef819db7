"""`io.kestra.plugin.scripts.python.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.plugins.scripts._work import Work
from kapell.plugins.scripts.python._python import ADDITIONS, with_python
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands with Python at hand, such as a script from a file."""

    additions = ADDITIONS
    examples = (
        Example(
            "Run a file",
            'inputFiles:\n  main.py: |\n    print("Hello {{ inputs.name }}")\ncommands:\n  - python main.py',
        ),
    )

    def prepared(self, env: dict[str, str], work: Work) -> dict[str, str]:
        """With `python` in PATH."""
        return with_python(env, work)
