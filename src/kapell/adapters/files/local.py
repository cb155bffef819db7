"""Internal storage in a folder: an address is a path below it, a file appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from kapell.errors import NotFound, Refused, StoreError
from kapell.sdk.clone import clone

SCHEME = "kestra://"
_INCOMING = ".incoming"
_ATTEMPTS = 5


class LocalFiles:
    """Files below `root`. Names are kept as they are on the disk, and percent-encoded in addresses."""

    def __init__(self, root: Path) -> None:
        self._root = Path(os.path.realpath(root))

    def put(self, path: str, content: BinaryIO) -> str:
        """Store a copy and return its address; a file of the same path is replaced at once and whole."""
        names = _names(path)
        try:
            self._place(self._inside(names), content)
        except OSError as error:
            raise StoreError(f"{path} could not be stored: {error}") from error
        return _address(names)

    def open(self, address: str) -> BinaryIO:
        """The content, from its beginning; raises `NotFound`."""
        return self._file(address).open("rb")

    def size(self, address: str) -> int:
        """Bytes; raises `NotFound`."""
        return self._file(address).stat().st_size

    def modified(self, address: str) -> datetime:
        """When it was stored; raises `NotFound`."""
        return datetime.fromtimestamp(self._file(address).stat().st_mtime, UTC)

    def exists(self, address: str) -> bool:
        """Whether there is such a file."""
        return _is_file(self._inside(_names_of(address)))

    def walk(self, prefix: str) -> Iterator[str]:
        """Addresses of all files below a path, sorted; links are left out."""
        names = _names(prefix)
        return self._walk(self._inside(names), names)

    def delete(self, addresses: Sequence[str]) -> int:
        """Remove files, and the folders that they leave empty; those that are gone already do not count."""
        count = 0
        for address in addresses:
            place = self._inside(_names_of(address))
            with suppress(FileNotFoundError, IsADirectoryError, PermissionError, NotADirectoryError):
                place.unlink()
                count += 1
                self._prune(place.parent)
        return count

    def _inside(self, names: list[str]) -> Path:
        """The one door: where a file lies, or `Refused` where links lead out of the root."""
        if names[:1] == [_INCOMING]:
            raise Refused(f"/{_INCOMING} is not part of the internal storage")
        place = self._root.joinpath(*names)
        real = Path(os.path.realpath(place))
        if real != self._root and self._root not in real.parents:
            raise Refused(f"/{'/'.join(names)} leads out of the internal storage")
        return place

    def _file(self, address: str) -> Path:
        place = self._inside(_names_of(address))
        if not _is_file(place):
            raise NotFound(f"File not found: {address}")
        return place

    def _place(self, place: Path, content: BinaryIO) -> None:
        """Copy to a file of its own, make that durable, then give it its name."""
        incoming = self._root / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        descriptor, copy = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                clone(content, file)
                file.flush()
                os.fsync(file.fileno())
            self._name(copy, place)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(copy)
            raise

    def _name(self, copy: str, place: Path) -> None:
        """Move into the folder, which a deletion may remove at any moment while it is empty."""
        for attempt in range(_ATTEMPTS):
            try:
                self._make(place.parent)
                os.replace(copy, place)
                _sync(place.parent)
                return
            except FileNotFoundError:
                if attempt == _ATTEMPTS - 1:
                    raise

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)

    def _prune(self, folder: Path) -> None:
        while folder != self._root:
            try:
                folder.rmdir()
            except OSError:
                return
            folder = folder.parent

    def _walk(self, folder: Path, names: list[str]) -> Iterator[str]:
        """Folders sort as their addresses do, with the slash that follows."""
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        found = [(_address([*names, entry.name]), entry) for entry in entries if entry.name != _INCOMING or names]
        files = [(address, None) for address, entry in found if entry.is_file(follow_symlinks=False)]
        folders = [(f"{address}/", entry) for address, entry in found if entry.is_dir(follow_symlinks=False)]
        for address, entry in sorted([*files, *folders], key=lambda pair: pair[0]):
            if entry is None:
                yield address
            else:
                yield from self._walk(folder / entry.name, [*names, entry.name])


def _names(path: str) -> list[str]:
    """The names in an absolute path; raises `Refused` where it is relative or climbs."""
    names = [name for name in path.split("/") if name]
    if not path.startswith("/") or "\x00" in path or {".", ".."} & set(names):
        raise Refused(f"{path!r} is not a path of the internal storage")
    return names


def _names_of(address: str) -> list[str]:
    if not address.startswith(f"{SCHEME}/"):
        raise Refused(f"{address!r} is not an address of the internal storage")
    return _names(unquote(address.removeprefix(SCHEME), errors="surrogateescape"))


def _address(names: list[str]) -> str:
    return f"{SCHEME}/{quote('/'.join(names), errors='surrogateescape')}"


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except OSError:
        return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
