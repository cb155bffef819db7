"""Removes folders, whatever a script has made of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path


def remove(folder: Path) -> None:
    """Remove a folder with all that it holds; what can't be removed stays, and nothing is raised."""
    with suppress(RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
    if folder.is_dir() and not folder.is_symlink():
        _remove_by_level(folder)


def _remove_by_level(folder: Path) -> None:
    """Without recursion or long paths: what lies deeper is moved up first. Folders are made writable for that."""
    unique = os.urandom(8).hex()
    names = (folder / f".{unique}-{number}" for number in count())
    left = _emptied(folder, names)
    while left:
        left += _emptied(left.pop(), names)
    with suppress(OSError):
        folder.rmdir()


def _emptied(folder: Path, names: Iterator[Path]) -> list[Path]:
    """Remove a folder's files and, if it can be, the folder; return where the folders that it held are now."""
    moved: list[Path] = []
    with suppress(OSError):
        folder.chmod(0o700)
        with os.scandir(folder) as entries:
            found = list(entries)
        for entry in found:
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    name = next(names)
                    os.rename(entry.path, name)
                    moved.append(name)
                else:
                    os.unlink(entry.path)
        folder.rmdir()
    return moved
