"""What the tasks of this family share: files that are being made, and stored when they are whole."""

from __future__ import annotations

import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import closing
from io import TextIOWrapper
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeVar
from urllib.parse import unquote

from kapell.sdk import Output, RunContext, TaskFailed
from kapell.sdk.rows import BINARY, read_rows, row_bytes

T = TypeVar("T")
CHUNK_BYTES = 1 << 20
MOST_OPEN = 64
DEFAULT_EXTENSION = ".tmp"


class FileOutput(Output, frozen=True, kw_only=True):
    """The file that was made."""

    uri: str


def draft(ctx: RunContext) -> BinaryIO:
    """A file without a name, to be written and then stored."""
    return tempfile.TemporaryFile(dir=ctx.working_dir)


def stored(ctx: RunContext, content: BinaryIO, extension: str) -> str:
    """Store what was written, under a name of its own; its address."""
    content.seek(0)
    dot = "" if not extension or extension.startswith(".") else "."
    return ctx.files.put(f"{ctx.storage_prefix}/{secrets.token_hex(8)}{dot}{extension}", content)


def extension_of(address: str) -> str:
    """The extension of an address's file, or the one that a file without has."""
    return PurePosixPath(unquote(address)).suffix or DEFAULT_EXTENSION


def unless_cancelled(ctx: RunContext, items: Iterable[T]) -> Iterator[T]:
    """The items, until the task is asked to stop."""
    for item in items:
        if ctx.cancelled:
            raise TaskFailed("The task was asked to stop")
        yield item


def chunks(content: BinaryIO) -> Iterator[bytes]:
    """The content, a megabyte at a time."""
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def text_lines(content: BinaryIO) -> Iterator[str]:
    r"""Lines without their ends, which are `\n`, `\r\n` or `\r`; what is no UTF-8 comes through as it is."""
    with TextIOWrapper(content, "utf-8", "surrogateescape", newline=None) as lines:
        for line in lines:
            yield line.removesuffix("\n")


def to_bytes(text: str) -> bytes:
    """The bytes that a line came from."""
    return text.encode("utf-8", "surrogateescape")


def records(ctx: RunContext, address: str, separator: str) -> Iterator[tuple[str, bytes]]:
    """Lines or, in a file of binary Ion, rows: as text to look at, and as bytes to write."""
    with closing(ctx.files.open(address)) as content:
        is_binary = content.read(len(BINARY)) == BINARY
        content.seek(0)
        if is_binary:
            for row in unless_cancelled(ctx, read_rows(content)):
                yield str(row), row_bytes(row)
        else:
            for line in unless_cancelled(ctx, text_lines(content)):
                yield line, to_bytes(line + separator)


class Parts:
    """Files that are written side by side, any number of them, of which a few are open at a time."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self._folder = Path(tempfile.mkdtemp(dir=ctx.working_dir, prefix=".parts-"))
        self._paths: dict[object, Path] = {}
        self._open: OrderedDict[object, BinaryIO] = OrderedDict()

    def write(self, key: object, data: bytes) -> None:
        """Add to the part of that name."""
        if key not in self._open:
            path = self._paths.setdefault(key, self._folder / str(len(self._paths)))
            if len(self._open) == MOST_OPEN:
                self._open.popitem(last=False)[1].close()
            self._open[key] = path.open("ab")
        self._open.move_to_end(key)
        self._open[key].write(data)

    def stored(self, extension: str) -> list[str]:
        """Store all parts in the order in which they were begun; their addresses."""
        self.close()
        addresses = []
        for path in self._paths.values():
            with path.open("rb") as content:
                addresses.append(stored(self._ctx, content, extension))
            path.unlink()
        return addresses

    def close(self) -> None:
        """Leave none open."""
        while self._open:
            self._open.popitem()[1].close()
