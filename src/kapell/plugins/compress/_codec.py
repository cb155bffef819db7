"""Compressors as files: what is written to them comes out compressed, what is read from them decompressed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from tempfile import NamedTemporaryFile
from types import ModuleType
from typing import BinaryIO, Literal, Protocol, cast

from kapell.sdk import TaskFailed
from kapell.sdk.vendor import vendor

Compression = Literal[
    "BROTLI", "BZIP2", "DEFLATE", "GZIP", "LZ4BLOCK", "LZ4FRAME", "LZMA", "SNAPPY", "SNAPPYFRAME", "XZ", "ZSTD"
]
STREAMED = {"BROTLI": "brotli", "LZ4FRAME": "lz4", "SNAPPYFRAME": "snappy", "ZSTD": "zstd"}
WHOLE = {"LZ4BLOCK": ("lz4", "block"), "SNAPPY": ("snappy", "raw")}
TYPE = "io.kestra.plugin.compress.FileCompress"
PIECE_BYTES = 1 << 20
BROKEN = (zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile, OSError, ValueError)


class Compressor(Protocol):
    """What gives compressed bytes piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """The next bytes that are ready."""
        ...

    def flush(self) -> bytes:
        """The last ones."""
        ...


class Deflating(io.RawIOBase):
    """A file to write to, by a compressor."""

    def __init__(self, target: BinaryIO, compressor: Compressor) -> None:
        self._target = target
        self._compressor = compressor

    def writable(self) -> bool:
        """It can be written, and nothing else."""
        return True

    def write(self, data: object, /) -> int:
        """Compress and pass on."""
        content = bytes(cast(bytes, data))
        self._target.write(self._compressor.compress(content))
        return len(content)

    def close(self) -> None:
        """Pass on what is left."""
        if not self.closed:
            self._target.write(self._compressor.flush())
        super().close()


class Vendored:
    """A compressor of the library: it gathers what is compressed until it is flushed."""

    def __init__(self, name: str) -> None:
        self._inner = _library(name).Compressor()

    def compress(self, data: bytes) -> bytes:
        """What is ready."""
        self._inner.compress(data)
        return bytes(self._inner.flush())

    def flush(self) -> bytes:
        """The rest."""
        return bytes(self._inner.finish())


def _library(name: str) -> ModuleType:
    with vendor(TYPE, "compress"):
        import cramjam
    module: ModuleType = getattr(cramjam, name)
    return module


@contextmanager
def compressing(target: BinaryIO, compression: Compression | None) -> Iterator[BinaryIO]:
    """A file whose content arrives compressed in `target`."""
    if compression is None:
        yield target
    elif compression in WHOLE:
        yield from _at_once(target, compression)
    else:
        with _writer(target, compression) as writer:
            yield writer


def _writer(target: BinaryIO, compression: Compression) -> BinaryIO:
    writers: dict[str, Callable[[], object]] = {
        "GZIP": partial(gzip.GzipFile, fileobj=target, mode="wb", filename="", mtime=0),
        "BZIP2": partial(bz2.BZ2File, target, "wb"),
        "XZ": partial(lzma.LZMAFile, target, "wb"),
        "LZMA": partial(lzma.LZMAFile, target, "wb", format=lzma.FORMAT_ALONE),
        "DEFLATE": partial(Deflating, target, zlib.compressobj()),
    }
    make = writers.get(compression)
    return cast(BinaryIO, make() if make else Deflating(target, Vendored(STREAMED[compression])))


def _at_once(target: BinaryIO, compression: Compression) -> Iterator[BinaryIO]:
    """Formats of one block, which have to be held in memory."""
    module, kind = WHOLE[compression]
    content = io.BytesIO()
    yield content
    target.write(bytes(getattr(_library(module), f"compress_{kind}")(content.getvalue())))


@contextmanager
def decompressing(source: BinaryIO, compression: Compression | None) -> Iterator[BinaryIO]:
    """The content of a compressed file; what is not compressed so fails the task."""
    if compression is None:
        yield source
        return
    try:
        with io.BufferedReader(cast(io.RawIOBase, _reader(source, compression)), PIECE_BYTES) as plain:
            yield cast(BinaryIO, plain)
    except BROKEN as error:
        raise TaskFailed(f"This is no file of {compression}: {error}") from None


def _reader(source: BinaryIO, compression: Compression) -> object:
    readers: dict[str, Callable[[], object]] = {
        "GZIP": partial(gzip.GzipFile, fileobj=source),
        "BZIP2": partial(bz2.BZ2File, source),
        "XZ": partial(lzma.LZMAFile, source),
        "LZMA": partial(lzma.LZMAFile, source),
        "DEFLATE": partial(Inflating, source),
    }
    return readers[compression]() if compression in readers else _vendored(source, compression)


class Inflating(io.RawIOBase):
    """A file of DEFLATE, with zlib's head or without one, read piece by piece."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._left = source.read(PIECE_BYTES)
        has_head = len(self._left) > 1 and self._left[0] & 15 == 8 and int.from_bytes(self._left[:2], "big") % 31 == 0
        self._inner = zlib.decompressobj(zlib.MAX_WBITS if has_head else -zlib.MAX_WBITS)

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def readinto(self, buffer: object, /) -> int:
        """The next bytes."""
        view = memoryview(cast(bytearray, buffer))
        while not self._inner.eof:
            if not self._left and not (more := self._source.read(PIECE_BYTES)):
                raise EOFError("it ends too early")
            data = self._inner.decompress(self._left or more, len(view))
            self._left = self._inner.unconsumed_tail
            if data:
                view[: len(data)] = data
                return len(data)
        return 0


def _vendored(source: BinaryIO, compression: Compression) -> object:
    """The library reads from file to file: through a temporary one, not through memory."""
    with vendor(TYPE, "compress"):
        import cramjam
    try:
        return _unpacked(source, compression, cramjam.File)
    except cramjam.DecompressionError as error:
        raise ValueError(str(error)) from None


def _unpacked(source: BinaryIO, compression: Compression, at: Callable[[str], object]) -> object:
    if compression in WHOLE:
        module, kind = WHOLE[compression]
        return io.BytesIO(bytes(getattr(_library(module), f"decompress_{kind}")(source.read())))
    made = NamedTemporaryFile(mode="w+b")  # noqa: SIM115  whoever reads it closes it
    with NamedTemporaryFile() as packed:
        shutil.copyfileobj(source, packed, PIECE_BYTES)
        packed.flush()
        _library(STREAMED[compression]).decompress_into(at(packed.name), at(made.name))
    return made
