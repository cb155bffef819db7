"""`io.kestra.plugin.scripts.r.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a R script that is written in the flow."""

    extension = ".R"
    program = ("Rscript",)
    examples = (Example("Say hello", 'script: |\n  cat("Hello {{ inputs.name }}\\n")'),)
