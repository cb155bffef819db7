"""`io.kestra.plugin.scripts.perl.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Perl script that is written in the flow."""

    extension = ".pl"
    program = ("perl",)
    examples = (Example("Say hello", 'script: |\n  print "Hello {{ inputs.name }}\\n";'),)
