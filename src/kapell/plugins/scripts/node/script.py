"""`io.kestra.plugin.scripts.node.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Node.js script that is written in the flow."""

    extension = ".js"
    program = ("node",)
    examples = (Example("Say hello", 'script: |\n  console.log("Hello {{ inputs.name }}");'),)
