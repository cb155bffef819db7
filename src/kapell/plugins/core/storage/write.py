"""`io.kestra.plugin.core.storage.Write`."""

from __future__ import annotations

import io

from kapell.plugins.core.storage._file import DEFAULT_EXTENSION, FileOutput, stored
from kapell.sdk import Example, RunContext, RunnableTask, Templated, prop


class Write(RunnableTask[FileOutput]):
    """Write a text to a file of internal storage."""

    content: Templated[str] = prop("The text.")
    extension: Templated[str] = prop("What the file's name ends with.", default=DEFAULT_EXTENSION)

    aliases = ("io.kestra.core.tasks.storages.Write",)
    examples = (Example("A greeting", 'content: "Hello {{ inputs.name }}"\nextension: .txt'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Store the text."""
        return FileOutput(uri=stored(ctx, io.BytesIO(self.content.encode()), self.extension))
