"""`io.kestra.plugin.scripts.groovy.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use Groovy, such as a script from a file."""

    examples = (
        Example("Run a file", 'inputFiles:\n  main.groovy: |\n    println "Hello"\ncommands:\n  - groovy main.groovy'),
    )
