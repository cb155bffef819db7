"""`io.kestra.plugin.scripts.lua.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Lua script that is written in the flow."""

    extension = ".lua"
    program = ("lua",)
    examples = (Example("Say hello", 'script: |\n  print("Hello {{ inputs.name }}")'),)
