"""`io.kestra.plugin.scripts.julia.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Julia script that is written in the flow."""

    extension = ".jl"
    program = ("julia",)
    examples = (Example("Say hello", 'script: |\n  println("Hello {{ inputs.name }}")'),)
