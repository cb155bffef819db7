"""`io.kestra.plugin.core.storage.Concat`."""

from __future__ import annotations

from kapell.plugins.core.storage._file import DEFAULT_EXTENSION, FileOutput, chunks, draft, stored, unless_cancelled
from kapell.sdk import Example, RunContext, RunnableTask, Templated, prop


class Concat(RunnableTask[FileOutput]):
    """Put files together into one."""

    files: Templated[list[str]] = prop("Addresses of the files: a list, or its JSON.")
    separator: Templated[str] | None = prop("What to write after each file, the last one too.", default=None)
    extension: Templated[str] = prop("What the new file's name ends with.", default=DEFAULT_EXTENSION)

    aliases = ("io.kestra.core.tasks.storages.Concat",)
    examples = (
        Example(
            "Two files",
            'files:\n  - "{{ outputs.first.uri }}"\n  - "{{ outputs.second.uri }}"\nseparator: "\\n"\nextension: .txt',
        ),
    )

    def run(self, ctx: RunContext) -> FileOutput:
        """Copy one after the other."""
        separator = (self.separator or "").encode()
        with draft(ctx) as made:
            for address in self.files:
                with ctx.files.open(address) as content:
                    for chunk in unless_cancelled(ctx, chunks(content)):
                        made.write(chunk)
                made.write(separator)
            return FileOutput(uri=stored(ctx, made, self.extension))
