"""What the tasks on the worker's own files share: which paths they may touch, and what is told of a file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from kapell.sdk import RunContext, TaskFailed
from kapell.sdk.pattern import MATCH_SECONDS, java_pattern

ALLOWED = "KAPELL_LOCAL_PATHS"
"""The worker's environment variable that names the folders which tasks may use, as PATH names folders."""
SCHEME = "file"


class LocalFile(Struct, frozen=True, kw_only=True, rename="camel"):
    """A file of the machine."""

    local_path: str
    name: str
    parent: str
    size: int
    modified_date: datetime
    is_directory: bool
    uri: str | None = None


def allowed(text: str) -> Path:
    """The path, with links followed; one that is not below a folder that tasks may use fails the task."""
    parts = urlsplit(text)
    path = Path(unquote(parts.path) if parts.scheme == SCHEME else text)
    if not path.is_absolute():
        raise TaskFailed(f"`{text}` is not an absolute path")
    real = Path(os.path.realpath(path))
    folders = [Path(os.path.realpath(each)) for each in os.environ.get(ALLOWED, "").split(os.pathsep) if each]
    if not any(folder == real or folder in real.parents for folder in folders):
        raise TaskFailed(f"`{text}` may not be used: the worker's {ALLOWED} names no folder that it is in")
    return real


def existing(text: str) -> Path:
    """The path of something that is there."""
    path = allowed(text)
    if not path.exists():
        raise TaskFailed(f"`{text}` does not exist")
    return path


def target(text: str, overwrite: bool, source_name: str) -> Path:
    """Where to write: into a folder if there is one, and over a file only when asked to."""
    path = allowed(text)
    if path.is_dir() or text.endswith("/"):
        path = allowed(str(path / source_name))
    if path.exists() and not overwrite:
        raise TaskFailed(f"`{path}` exists already: to replace it, set `overwrite: true`")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def described(path: Path, uri: str | None = None) -> LocalFile:
    """What is told of a file."""
    facts = path.stat()
    return LocalFile(
        local_path=str(path),
        name=path.name,
        parent=str(path.parent),
        size=facts.st_size,
        modified_date=datetime.fromtimestamp(facts.st_mtime, UTC),
        is_directory=path.is_dir(),
        uri=uri,
    )


def found(folder: str, pattern: str | None, recursive: bool, most: int) -> list[Path]:
    """The files in a folder whose names fit a pattern, sorted; no more than `most`. A file alone is itself."""
    place = existing(folder)
    wanted = java_pattern(pattern) if pattern else None
    files = (
        path for path in _walk(place, recursive) if wanted is None or wanted.fullmatch(path.name, timeout=MATCH_SECONDS)
    )
    return sorted(files)[:most]


def _walk(place: Path, recursive: bool) -> Iterator[Path]:
    if place.is_file():
        yield place
        return
    for folder, folders, names in os.walk(place):
        if not recursive:
            folders.clear()
        yield from (path for name in names if (path := Path(folder) / name).is_file() and not path.is_symlink())


def store(ctx: RunContext, path: Path) -> str:
    """Copy a file into internal storage; its address."""
    from secrets import token_hex

    with path.open("rb") as content:
        return ctx.files.put(f"{ctx.storage_prefix}/{token_hex(8)}/{path.name}", content)


def write(ctx: RunContext, address: str, path: Path) -> None:
    """Copy a stored file to the machine; it appears whole or not at all."""
    from kapell.sdk.draft import opened

    part = path.with_name(f".{path.name}.part")
    with opened(ctx, address) as content, part.open("wb") as copy:
        shutil.copyfileobj(content, copy, 1 << 20)
    part.replace(path)
