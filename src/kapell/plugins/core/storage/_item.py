"""Tables whose rows an expression looks at, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

from kapell.plugins.core.storage._file import unless_cancelled
from kapell.sdk import RunContext, TaskFailed
from kapell.sdk.rows import read_rows

ION = ".ion"


def items(ctx: RunContext, address: str) -> Iterator[Mapping[str, object]]:
    """The rows of a file, each a map; anything else fails the task."""
    with closing(ctx.files.open(address)) as content:
        for row in unless_cancelled(ctx, read_rows(content)):
            if not isinstance(row, Mapping):
                raise TaskFailed(f"`{row}` is not a map: an expression sees nothing of it")
            yield row
