"""`io.kestra.plugin.scripts.bun.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._npm import PackageTask
from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(PackageTask, CommandList):
    """Run shell commands that use Bun, such as a script from a file."""

    runtime = "bun"
    installer = ("bun", "add")
    examples = (
        Example("Run a file", 'inputFiles:\n  main.ts: |\n    console.log("Hello");\ncommands:\n  - bun run main.ts'),
    )
