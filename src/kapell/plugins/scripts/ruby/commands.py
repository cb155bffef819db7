"""`io.kestra.plugin.scripts.ruby.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use Ruby, such as a script from a file."""

    examples = (Example("Run a file", 'inputFiles:\n  main.rb: |\n    puts "Hello"\ncommands:\n  - ruby main.rb'),)
