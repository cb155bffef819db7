"""`io.kestra.plugin.scripts.deno.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Deno script that is written in the flow."""

    extension = ".ts"
    program = ("deno", "run")
    examples = (Example("Say hello", 'script: |\n  console.log("Hello {{ inputs.name }}");'),)
