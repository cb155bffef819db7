"""`io.kestra.plugin.scripts.jbang.Script`."""

from __future__ import annotations

from kapell.plugins.scripts._script import InlineScript
from kapell.plugins.scripts._work import Work
from kapell.sdk import Example, Templated, prop


class Script(InlineScript):
    """Run a script of Java, or another language that JBang knows, which is written in the flow."""

    language: Templated[str] = prop(
        "What the file's name ends with: the language, such as `.kt` for Kotlin.", default=".java", key="extension"
    )
    quiet: Templated[bool] = prop("Whether JBang itself says nothing but errors.", default=True)

    stem = "kestra_script"
    examples = (
        Example(
            "Say hello",
            "script: |\n  class hello {\n    public static void main(String[] args) {\n"
            '      System.out.println("Hello {{ inputs.name }}");\n    }\n  }',
        ),
    )

    def file_name(self) -> str:
        """By the language."""
        return f"{self.stem}{self.language}"

    def command(self, work: Work, file: str) -> tuple[str, ...]:
        """JBang, quiet or not."""
        return ("jbang", *(["--quiet"] if self.quiet else []), file)
