"""`io.kestra.plugin.scripts.shell.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import ExecTask
from kapell.plugins.scripts._work import Work
from kapell.sdk import Example, Expression, prop


class Script(ExecTask):
    """Run a shell script that is written in the flow."""

    script: Expression[str] = prop("The text of the script.", filled=True)

    examples = (
        Example("Say hello", 'script: |\n  echo "Hello {{ inputs.name }}"'),
        Example(
            "Give back a value and a file",
            "outputFiles:\n  - '*.txt'\nscript: |\n  date > today.txt\n  echo '::{\"outputs\": {\"lines\": 1}}::'",
        ),
    )

    def lines(self, work: Work) -> list[str]:
        """The script after what goes before."""
        return [*super().lines(work), work.text(self.script)]

    def sources(self) -> list[object]:
        """The script, too."""
        return [*super().sources(), self.script.source]
