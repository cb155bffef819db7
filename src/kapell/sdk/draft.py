"""Files of internal storage, as tasks read and make them: opened by their address, written aside, stored when whole."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from kapell.sdk.context import RunContext
from kapell.sdk.ion import ion_line, ion_rows
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.sdk.task import TaskFailed

BUFFER_BYTES = 1 << 20
EVERY = 1024
"""How many rows go by between two looks at whether the task shall stop."""


@contextmanager
def opened(ctx: RunContext, address: str) -> Iterator[BinaryIO]:
    """The content behind a `kestra://` or `nsfile://` address."""
    content = ctx.files.open(NamespaceFiles(ctx.files).resolve(address, ctx.namespace))
    try:
        yield content
    finally:
        content.close()


def draft(ctx: RunContext) -> BinaryIO:
    """A file without a name, to be written and then stored."""
    return cast(BinaryIO, tempfile.TemporaryFile(dir=ctx.working_dir, buffering=BUFFER_BYTES))


def stored(ctx: RunContext, content: BinaryIO, extension: str) -> str:
    """Store what was written, under a name of its own; its address."""
    content.seek(0)
    return ctx.files.put(f"{ctx.storage_prefix}/{secrets.token_hex(8)}{extension}", content)


def table(ctx: RunContext, address: str) -> Iterator[object]:
    """The rows of a stored table, until the task is asked to stop."""
    with opened(ctx, address) as content:
        yield from unless_cancelled(ctx, ion_rows(content))


def unless_cancelled(ctx: RunContext, rows: Iterable[object]) -> Iterator[object]:
    """The rows, until the task is asked to stop."""
    for number, row in enumerate(rows):
        if number % EVERY == 0 and ctx.cancelled:
            raise TaskFailed("The task was asked to stop")
        yield row


def store_table(ctx: RunContext, rows: Iterable[object]) -> tuple[str, int]:
    """Store rows as a table; its address, and how many there are."""
    counted = Counted(unless_cancelled(ctx, rows))
    with draft(ctx) as made:
        for row in counted:
            made.write(ion_line(row))
        return stored(ctx, made, ".ion"), counted.count


class Counted:
    """Rows that are counted while they go by."""

    def __init__(self, rows: Iterable[object]) -> None:
        self.count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[object]:
        """The rows."""
        for row in self._rows:
            self.count += 1
            yield row
