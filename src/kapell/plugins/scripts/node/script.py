"""`io.kestra.plugin.scripts.node.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.plugins.scripts._work import Work
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Node.js script that is written in the flow."""

    extension = ".js"
    examples = (Example("Say hello", 'script: |\n  console.log("Hello {{ inputs.name }}");'),)

    def program(self, work: Work) -> str:
        """The `node` of PATH."""
        return "node"
