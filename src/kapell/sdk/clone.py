"""Copies of files that cost as little as the file system can make them cost."""

from __future__ import annotations

import errno
import io
import os
import shutil
import stat
from typing import BinaryIO

CHUNK_BYTES = 1 << 20
AT_ONCE_BYTES = 1 << 30
FINAL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def clone(source: BinaryIO, target: BinaryIO) -> None:
    """Write what is left of `source` to `target`.

    Of two files on the disk the kernel makes the copy; where the file system knows reflinks (XFS, Btrfs, ZFS, …) both
    share their blocks until one of them is changed, which the other one does not see.
    """
    if _is_file(source) and _is_file(target):
        _by_kernel(source, target)
    # What is left, all of it where the kernel would not.
    shutil.copyfileobj(source, target, CHUNK_BYTES)


def _is_file(stream: BinaryIO) -> bool:
    """Whether it reads or writes a file as it is: one that unpacks has a descriptor, too, but of what is packed."""
    if not isinstance(stream, io.BufferedReader | io.BufferedWriter | io.BufferedRandom):
        return False
    return isinstance(stream.raw, io.FileIO) and stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def _by_kernel(source: BinaryIO, target: BinaryIO) -> None:
    if not hasattr(os, "copy_file_range"):
        return
    target.flush()
    start, end = source.tell(), target.tell()
    while True:
        try:
            count = os.copy_file_range(source.fileno(), target.fileno(), AT_ONCE_BYTES, start, end)
        except OSError as error:
            if error.errno in FINAL:
                raise
            break
        if not count:
            break
        start, end = start + count, end + count
    source.seek(start)
    target.seek(end)
