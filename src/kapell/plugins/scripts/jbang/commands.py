"""`io.kestra.plugin.scripts.jbang.Commands`."""

from __future__ import annotations

from kapell.plugins.scripts._script import CommandList
from kapell.sdk import Example


class Commands(CommandList):
    """Run shell commands that use JBang, such as a script from a file or an address."""

    examples = (
        Example(
            "Run a file",
            "inputFiles:\n  hello.java: |\n    class hello {\n      public static void main(String[] args) {\n"
            '        System.out.println("Hello");\n      }\n    }\ncommands:\n  - jbang --quiet hello.java',
        ),
    )
