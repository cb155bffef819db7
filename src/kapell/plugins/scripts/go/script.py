"""`io.kestra.plugin.scripts.go.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Go script that is written in the flow."""

    extension = ".go"
    stem = "kestra_script"
    program = ("go", "run")
    examples = (
        Example(
            "Say hello",
            'script: |\n  package main\n  import "fmt"\n  func main() { fmt.Println("Hello {{ inputs.name }}") }',
        ),
    )
