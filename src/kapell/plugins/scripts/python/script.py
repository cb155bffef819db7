"""`io.kestra.plugin.scripts.python.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.plugins.scripts._work import Work
from kapell.plugins.scripts.python._python import PythonTask, binary
from kapell.sdk import Example


class Script(PythonTask, InlineScript):
    """Run a Python script that is written in the flow."""

    extension = ".py"
    examples = (
        Example("Say hello", 'script: |\n  print("Hello {{ inputs.name }}")'),
        Example(
            "Use a package, and give back a value",
            "dependencies:\n  - humanize\nscript: |\n  import humanize\n  from kestra import Kestra\n"
            '  Kestra.outputs({"size": humanize.naturalsize(123456)})',
        ),
        Example(
            "Give back a file",
            'outputFiles:\n  - squares.csv\nscript: |\n  with open("squares.csv", "w") as file:\n'
            '      file.writelines(f"{n},{n * n}\\n" for n in range(10))',
        ),
    )

    def command(self, work: Work, file: str) -> tuple[str, ...]:
        """With the Python of the virtual environment, or of PATH."""
        return (binary(work), file)
