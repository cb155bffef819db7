"""`io.kestra.plugin.compress.FileDecompress`."""

from __future__ import annotations

import shutil

from kapell.plugins.compress._codec import PIECE_BYTES, decompressing
from kapell.plugins.compress._file import FileOutput, Packing
from kapell.plugins.compress._limit import Unpacking
from kapell.sdk import Example, RunContext, RunnableTask
from kapell.sdk.draft import draft, opened, stored


class FileDecompress(Packing, Unpacking, RunnableTask[FileOutput]):
    """Decompress a stored file."""

    examples = (Example("A download", 'from: "{{ outputs.download.uri }}"\ncompression: GZIP'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Copy it through the decompressor."""
        with opened(ctx, self.source) as content, draft(ctx) as made:
            with decompressing(content, self.compression) as plain:
                shutil.copyfileobj(self.limit(ctx, self.source).measured(plain), made, PIECE_BYTES)
            return FileOutput(uri=stored(ctx, made, ""))
