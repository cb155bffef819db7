"""`io.kestra.plugin.compress.FileCompress`."""

from __future__ import annotations

import shutil

from kapell.plugins.compress._codec import PIECE_BYTES, compressing
from kapell.plugins.compress._file import EXTENSIONS, FileOutput, Packing
from kapell.sdk import Example, RunContext, RunnableTask
from kapell.sdk.draft import draft, opened, stored


class FileCompress(Packing, RunnableTask[FileOutput]):
    """Compress a stored file."""

    examples = (Example("A table", 'from: "{{ outputs.query.uri }}"\ncompression: GZIP'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Copy it through the compressor."""
        with opened(ctx, self.source) as content, draft(ctx) as made:
            with compressing(made, self.compression) as target:
                shutil.copyfileobj(content, target, PIECE_BYTES)
            extension = EXTENSIONS.get(self.compression, f".{self.compression.lower()}")
            return FileOutput(uri=stored(ctx, made, extension))
