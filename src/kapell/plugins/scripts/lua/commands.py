"""`io.kestra.plugin.scripts.lua.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use Lua, such as a script from a file."""

    examples = (Example("Run a file", 'inputFiles:\n  main.lua: |\n    print("Hello")\ncommands:\n  - lua main.lua'),)
