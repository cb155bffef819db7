"""`io.kestra.plugin.core.storage.Reverse`."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from io import SEEK_END, TextIOWrapper
from typing import BinaryIO

from kapell.plugins.core.storage._file import FileOutput, draft, extension_of, stored, to_bytes, unless_cancelled
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop

BLOCK_BYTES = 1 << 16


class Reverse(RunnableTask[FileOutput]):
    """Turn a file around, the last line first."""

    source: Templated[str] = prop("Address of the file.", key="from")
    separator: Templated[str] = prop("What to write after each line.", default="\n")
    charset: Templated[str] = prop("The encoding of the file, and of the new one.", default="UTF-8")

    aliases = ("io.kestra.core.tasks.storages.Reverse",)
    examples = (Example("The newest line first", 'from: "{{ outputs.download.uri }}"'),)

    def run(self, ctx: RunContext) -> FileOutput:
        """Write the lines of a copy, which is read from its end."""
        name, errors = self._codec()
        encoder = codecs.getincrementalencoder(name)(errors)
        with draft(ctx) as copy, draft(ctx) as made:
            with TextIOWrapper(ctx.files.open(self.source), name, errors, newline=None) as lines:
                for line in unless_cancelled(ctx, lines):
                    copy.write(to_bytes(line))
            for data in unless_cancelled(ctx, backwards(copy)):
                made.write(encoder.encode(data.decode("utf-8", "surrogateescape") + self.separator))
            return FileOutput(uri=stored(ctx, made, extension_of(self.source)))

    def _codec(self) -> tuple[str, str]:
        """Python's name of the charset, and what to do with bytes that are none of it."""
        try:
            name = codecs.lookup(self.charset).name
        except LookupError:
            raise TaskFailed(f"`{self.charset}` is not a charset") from None
        return name, "surrogateescape" if name in ("utf-8", "ascii") else "replace"


def backwards(content: BinaryIO) -> Iterator[bytes]:
    r"""The lines of a file, which end in `\n`, without it, from the last to the first."""
    end = content.seek(0, SEEK_END)
    if end == 0:
        return
    content.seek(end - 1)
    if content.read(1) == b"\n":
        end -= 1
    pieces: list[bytes] = []
    while end > 0:
        start = max(0, end - BLOCK_BYTES)
        content.seek(start)
        lines = content.read(end - start).split(b"\n")
        pieces.append(lines.pop())
        while lines:
            yield b"".join(reversed(pieces))
            pieces = [lines.pop()]
        end = start
    yield b"".join(reversed(pieces))
