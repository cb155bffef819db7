"""`io.kestra.plugin.scripts.r.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use R, such as a script from a file."""

    examples = (Example("Run a file", 'inputFiles:\n  main.R: |\n    cat("Hello\\n")\ncommands:\n  - Rscript main.R'),)
