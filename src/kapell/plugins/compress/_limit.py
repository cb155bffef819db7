"""How much may come out of a packed file: a small one that would fill the disk is broken off."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.sdk.prop import Properties

FREE_BYTES = 100_000_000
PIECE_BYTES = 1 << 20


class Unpacking(Properties):
    """Unpacks a file."""

    max_ratio: Templated[int] = prop(
        "How many times larger than the packed file all that comes out of it may be; 0 for any. The first 100 MB "
        "are always fine.",
        default=250,
        least=0,
    )

    def limit(self, ctx: RunContext, address: str) -> Limit:
        """What measures all that comes out of a stored file."""
        packed_bytes = ctx.files.size(NamespaceFiles(ctx.files).resolve(address, ctx.namespace))
        return Limit(max(FREE_BYTES, packed_bytes * self.max_ratio) if self.max_ratio else None)


class Limit:
    """So many bytes may come out of all files together; None for any number."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._count = 0

    def measured(self, content: BinaryIO) -> BinaryIO:
        """A file that fails the task when it is read beyond that."""
        return cast(BinaryIO, io.BufferedReader(Measured(content, self), PIECE_BYTES))

    def take(self, size: int) -> None:
        """Count some more."""
        self._count += size
        if self._most is not None and self._count > self._most:
            raise TaskFailed(f"More than {self._most} bytes come out of it: `maxRatio` allows more")


class Measured(io.RawIOBase):
    """A file whose bytes are counted as they are read; it does not close the one behind it."""

    def __init__(self, content: BinaryIO, limit: Limit) -> None:
        self._content = content
        self._limit = limit

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """The next bytes."""
        view = memoryview(cast(bytearray, buffer))
        data = self._content.read(len(view))
        view[: len(data)] = data
        self._limit.take(len(data))
        return len(data)
