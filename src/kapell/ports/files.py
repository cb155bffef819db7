"""Internal storage: bytes under `kestra:///` addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, Protocol


class Files(Protocol):
    """A tree of files. Paths are POSIX, absolute, without `..`; plain functions, called from worker threads."""

    def put(self, path: str, content: BinaryIO) -> str:
        """Store a copy and return its `kestra:///` address; a file of the same path is replaced at once and whole."""
        ...

    def open(self, address: str) -> BinaryIO:
        """The content, from its beginning; raises `NotFound`."""
        ...

    def size(self, address: str) -> int:
        """Bytes; raises `NotFound`."""
        ...

    def modified(self, address: str) -> datetime:
        """When it was stored; raises `NotFound`."""
        ...

    def exists(self, address: str) -> bool:
        """Whether there is such a file."""
        ...

    def walk(self, prefix: str) -> Iterator[str]:
        """Addresses of all files below a path, sorted."""
        ...

    def delete(self, addresses: Sequence[str]) -> int:
        """Remove files; those that are gone already do not count."""
        ...
