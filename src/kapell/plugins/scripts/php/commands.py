"""`io.kestra.plugin.scripts.php.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use PHP, such as a script from a file."""

    examples = (
        Example(
            "Run a file", 'inputFiles:\n  main.php: |\n    <?php\n    echo "Hello\\n";\ncommands:\n  - php main.php'
        ),
    )
