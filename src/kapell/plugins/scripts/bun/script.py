"""`io.kestra.plugin.scripts.bun.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._npm import PackageTask
from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(PackageTask, InlineScript):
    """Run a Bun script that is written in the flow."""

    extension = ".ts"
    runtime = "bun"
    installer = ("bun", "add")
    program = ("bun", "run")
    examples = (Example("Say hello", 'script: |\n  console.log("Hello {{ inputs.name }}");'),)
