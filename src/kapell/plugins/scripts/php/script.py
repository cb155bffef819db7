"""`io.kestra.plugin.scripts.php.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a PHP script that is written in the flow."""

    extension = ".php"
    program = ("php",)
    examples = (Example("Say hello", 'script: |\n  <?php\n  echo "Hello {{ inputs.name }}\\n";'),)
