"""`io.kestra.plugin.scripts.shell.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands, one after the other in one shell."""

    examples = (
        Example("Two commands", "commands:\n  - echo one\n  - echo two"),
        Example(
            "Work on a file of the task before",
            'inputFiles:\n  data.csv: "{{ outputs.download.uri }}"\ncommands:\n  - wc -l data.csv',
        ),
    )
