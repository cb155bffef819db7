"""`io.kestra.plugin.scripts.python.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.plugins.scripts._work import Work
from kapell.plugins.scripts.python._python import ADDITIONS, binary, with_python
from kapell.sdk import Example


class Script(InlineScript):
    """Run a Python script that is written in the flow."""

    extension = ".py"
    additions = ADDITIONS
    examples = (
        Example("Say hello", 'script: |\n  print("Hello {{ inputs.name }}")'),
        Example(
            "Give back a file",
            'outputFiles:\n  - squares.csv\nscript: |\n  with open("squares.csv", "w") as file:\n'
            '      file.writelines(f"{n},{n * n}\\n" for n in range(10))',
        ),
    )

    def program(self, work: Work) -> str:
        """The Python of PATH."""
        return binary(work)

    def prepared(self, env: dict[str, str], work: Work) -> dict[str, str]:
        """With `python` in PATH."""
        return with_python(env, work)
