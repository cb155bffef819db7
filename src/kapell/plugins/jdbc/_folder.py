"""Databases that are a file: in the working folder, brought there and stored afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from kapell.sdk import RunContext, TaskFailed
from kapell.sdk.draft import opened


@contextmanager
def aside(ctx: RunContext) -> Iterator[Path]:
    """A folder for what no other task of the same working folder shall find: it is gone afterwards."""
    with TemporaryDirectory(dir=ctx.working_dir, prefix=".kapell-") as folder:
        yield Path(folder)


def brought(ctx: RunContext, address: str, file: Path) -> None:
    """Copy a stored database to where it is opened."""
    with opened(ctx, address) as content, file.open("wb") as copy:
        shutil.copyfileobj(content, copy, 1 << 20)


def kept(ctx: RunContext, files: Mapping[str, Path]) -> dict[str, str]:
    """Store files by their names; one that is not there fails the task."""
    addresses = {}
    for name, file in files.items():
        if not file.is_file():
            raise TaskFailed(f"The SQL has not written the output file `{name}`")
        with file.open("rb") as content:
            addresses[name] = ctx.files.put(f"{ctx.storage_prefix}/{name}", content)
    return addresses


def kept_database(ctx: RunContext, file: Path) -> str:
    """Store a database under a name of its own; its address."""
    with file.open("rb") as content:
        return ctx.files.put(f"{ctx.storage_prefix}/{token_hex(8)}{file.suffix}", content)
