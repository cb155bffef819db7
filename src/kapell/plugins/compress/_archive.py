"""Archives: members written one after the other, or read; no member gets out of its place."""

from __future__ import annotations

import io
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from tempfile import TemporaryFile
from typing import BinaryIO, Literal, cast

from kapell.plugins.compress._codec import Compression
from kapell.sdk import TaskFailed, Templated, prop
from kapell.sdk.prop import Properties

PIECE_BYTES = 1 << 20
MAGIC = b"!<arch>\n"
Algorithm = Literal["AR", "JAR", "TAR", "ZIP"]
Member = tuple[str, int, Callable[[], BinaryIO]]
"""A name, a size in bytes, and what opens the content."""


class Archiving(Properties):
    """Works on an archive."""

    algorithm: Templated[Algorithm] = prop("The kind of archive.")
    compression: Templated[Compression] | None = prop(
        "How the whole archive is compressed; none if this is not set.", default=None
    )


def write_archive(target: BinaryIO, algorithm: Algorithm, members: Iterator[Member]) -> None:
    """Write all members."""
    if algorithm in ("ZIP", "JAR"):
        _write_zip(target, members)
    elif algorithm == "TAR":
        _write_tar(target, members)
    else:
        _write_ar(target, members)


def _write_zip(target: BinaryIO, members: Iterator[Member]) -> None:
    with zipfile.ZipFile(cast("io.BytesIO", Onward(target)), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size, open_member in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with open_member() as content, archive.open(info, "w", force_zip64=size > 1 << 31) as place:
                shutil.copyfileobj(content, place, PIECE_BYTES)


class Onward(io.RawIOBase):
    """A file that is only ever written on, as a compressor needs it: nothing goes back to fill in a length."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target

    def writable(self) -> bool:
        """It can be written, and nothing else."""
        return True

    def write(self, data: object, /) -> int:
        """Pass on."""
        return self._target.write(cast(bytes, data))


def _write_tar(target: BinaryIO, members: Iterator[Member]) -> None:
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name, size, open_member in members:
            info = tarfile.TarInfo(name)
            info.size = size
            with open_member() as content:
                archive.addfile(info, content)


def _write_ar(target: BinaryIO, members: Iterator[Member]) -> None:
    """As BSD does: a name that is long or has blanks stands before the content."""
    target.write(MAGIC)
    for name, size, open_member in members:
        encoded = name.encode()
        is_short = len(encoded) <= 15 and b" " not in encoded and b"/" not in encoded
        long = b"" if is_short else encoded
        shown = f"{name}/" if is_short else f"#1/{len(long)}"
        target.write(f"{shown:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{size + len(long):<10}`\n".encode() + long)
        with open_member() as content:
            shutil.copyfileobj(content, target, PIECE_BYTES)
        target.write(b"\n" * ((size + len(long)) % 2))


@contextmanager
def reading(source: BinaryIO, algorithm: Algorithm) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """The members that are files, each to be read before the next; what is no such archive fails the task."""
    readers = {"TAR": _read_tar, "AR": _read_ar}
    try:
        yield ((inside(name), content) for name, content in readers.get(algorithm, _read_zip)(source))
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError) as error:
        raise TaskFailed(f"This is no archive of {algorithm}: {error}") from None


def inside(name: str) -> str:
    """The name of a member, which may not lead anywhere else."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise TaskFailed(f"The archive has a member `{name}`, which leads out of its folder")
    return str(path)


def _read_tar(source: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    with tarfile.open(fileobj=source, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                yield member.name, cast(BinaryIO, content)


def _read_zip(source: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    """Its table of contents is at the end: what can't be sought through is copied first."""
    with TemporaryFile() as copy:
        shutil.copyfileobj(source, copy, PIECE_BYTES)
        with zipfile.ZipFile(copy) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    with archive.open(member) as content:
                        yield member.filename, cast(BinaryIO, content)


def _read_ar(source: BinaryIO) -> Iterator[tuple[str, BinaryIO]]:
    if source.read(len(MAGIC)) != MAGIC:
        raise tarfile.TarError("it does not begin as one")
    while head := source.read(60):
        if len(head) < 60 or head[58:] != b"`\n":
            raise tarfile.TarError("it is broken")
        name, size = head[:16].decode().rstrip(), int(head[48:58])
        length = int(name[3:]) if name.startswith("#1/") else 0
        if length:
            name = source.read(length).decode().rstrip("\0")
        with TemporaryFile() as member:
            _copy(source, member, size - length)
            yield name.removesuffix("/"), cast(BinaryIO, member)
        source.read(size % 2)


def _copy(source: BinaryIO, target: io.BufferedRandom | BinaryIO, size: int) -> None:
    while size > 0:
        piece = source.read(min(size, PIECE_BYTES))
        if not piece:
            raise tarfile.TarError("it ends too early")
        target.write(piece)
        size -= len(piece)
    target.seek(0)
