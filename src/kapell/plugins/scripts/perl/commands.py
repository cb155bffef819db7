"""`io.kestra.plugin.scripts.perl.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use Perl, such as a script from a file."""

    examples = (Example("Run a file", 'inputFiles:\n  main.pl: |\n    print "Hello\\n";\ncommands:\n  - perl main.pl'),)
