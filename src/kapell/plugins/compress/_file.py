"""What the tasks on single files share."""

from __future__ import annotations

from kapell.plugins.compress._codec import Compression
from kapell.sdk import Output, Templated, prop
from kapell.sdk.prop import Properties

EXTENSIONS = {"GZIP": ".gz", "BZIP2": ".bz2", "BROTLI": ".br", "ZSTD": ".zst", "DEFLATE": ".zz", "LZ4FRAME": ".lz4"}


class FileOutput(Output, frozen=True, kw_only=True):
    """The file that was made."""

    uri: str


class Packing(Properties):
    """Works on a compressed file."""

    source: Templated[str] = prop("Address of the file.", key="from")
    compression: Templated[Compression] = prop("How it is compressed.")
