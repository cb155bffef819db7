"""Internal storage with folders of the machine below it: read where they lie, never written."""

from __future__ import annotations

import heapq
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from kapell.ports.files import Files

SCHEME = "kestra://"
LEFT_OUT = frozenset({".git", ".hg", ".svn", "__pycache__"})
"""What version control and Python keep in folders is nobody's file."""


class OverlayFiles:
    """`folders` show at the paths that are their keys; what is written lies above them and hides what is there.

    A deletion hides a file of a folder as long as this process lives. Links are followed; `without` are places that
    are left out.
    """

    def __init__(self, above: Files, folders: Mapping[str, Path], without: Collection[Path] = ()) -> None:
        self._above = above
        self._folders = {path: Path(os.path.realpath(folder)) for path, folder in folders.items()}
        self._without = {os.path.realpath(place) for place in without}
        self._hidden: set[str] = set()

    def put(self, path: str, content: BinaryIO) -> str:
        """Store a copy above and return its address."""
        return self._above.put(path, content)

    def open(self, address: str) -> BinaryIO:
        """The content, from its beginning; raises `NotFound`."""
        below = self._below(address)
        return self._above.open(address) if below is None else below.open("rb")

    def size(self, address: str) -> int:
        """Bytes; raises `NotFound`."""
        below = self._below(address)
        return self._above.size(address) if below is None else below.stat().st_size

    def modified(self, address: str) -> datetime:
        """When it was stored, or changed in its folder; raises `NotFound`."""
        below = self._below(address)
        return self._above.modified(address) if below is None else datetime.fromtimestamp(below.stat().st_mtime, UTC)

    def exists(self, address: str) -> bool:
        """Whether there is such a file, above or below."""
        return self._above.exists(address) or self._below(address) is not None

    def walk(self, prefix: str) -> Iterator[str]:
        """Addresses of all files below a path, sorted."""
        before = ""
        for address in heapq.merge(self._above.walk(prefix), self._walk(prefix)):
            if address != before:
                yield address
            before = address

    def delete(self, addresses: Sequence[str]) -> int:
        """Remove files, and hide those of the folders; what is gone already does not count."""
        below = {_path(address) for address in addresses if self._in_folder(_path(address)) is not None} - self._hidden
        above = {path for path in below if self._above.exists(_address(path))}
        count = self._above.delete(addresses)
        self._hidden |= below
        return count + len(below - above)

    def _below(self, address: str) -> Path | None:
        """The file of a folder that an address names, where nothing hides it."""
        path = _path(address)
        place = self._in_folder(path)
        return None if place is None or path in self._hidden or self._above.exists(address) else place

    def _in_folder(self, path: str) -> Path | None:
        for root, folder in self._folders.items():
            if path.startswith(f"{root}/"):
                names = path[len(root) + 1 :].split("/")
                place = folder.joinpath(*names)
                return place if self._counts(folder, names) and _is_file(place) else None
        return None

    def _counts(self, folder: Path, names: Sequence[str]) -> bool:
        """Whether no part of the way is left out, or climbs."""
        if LEFT_OUT.intersection(names) or {"", ".", ".."}.intersection(names):
            return False
        return not self._without or not any(
            os.path.realpath(folder.joinpath(*names[:count])) in self._without for count in range(1, len(names) + 1)
        )

    def _walk(self, prefix: str) -> list[str]:
        found: list[str] = []
        for root, folder in self._folders.items():
            if prefix == root or prefix.startswith(f"{root}/"):
                found += self._files(root, folder / prefix[len(root) + 1 :])
            elif root.startswith(f"{prefix.rstrip('/')}/"):
                found += self._files(root, folder)
        return sorted(found)

    def _files(self, root: str, start: Path) -> Iterator[str]:
        """The addresses of the files of a folder; one that a link leads back to is entered once."""
        folder, seen = self._folders[root], set()
        for place, inner, names in os.walk(start, followlinks=True):
            real = os.path.realpath(place)
            kept = () if real in seen else inner
            seen.add(real)
            inner[:] = [
                name
                for name in kept
                if name not in LEFT_OUT and os.path.realpath(os.path.join(place, name)) not in self._without
            ]
            for name in names:
                file = Path(place, name)
                path = f"{root}/{file.relative_to(folder).as_posix()}"
                if path not in self._hidden and _is_file(file):
                    yield _address(path)


def _address(path: str) -> str:
    return f"{SCHEME}{quote(path, errors='surrogateescape')}"


def _path(address: str) -> str:
    return unquote(address.removeprefix(SCHEME), errors="surrogateescape")


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except (OSError, ValueError):
        return False
