"""`io.kestra.plugin.scripts.node.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._npm import PackageTask
from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(PackageTask, InlineScript):
    """Run a Node.js script that is written in the flow."""

    extension = ".js"
    program = ("node",)
    examples = (
        Example("Say hello", 'script: |\n  console.log("Hello {{ inputs.name }}");'),
        Example(
            "Use a package",
            'dependencies:\n  - lodash@4\nscript: |\n  const _ = require("lodash");\n'
            "  console.log(_.chunk([1, 2, 3, 4], 2));",
        ),
    )
