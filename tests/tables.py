"""Stored files as the tests of data plugins put them there and look at them."""

from __future__ import annotations

import io
from collections.abc import Iterable

from attempts import FOLDER
from kapell.adapters.files.local import LocalFiles
from kapell.sdk.ion import ion_line, ion_rows


def put(files: LocalFiles, content: str | bytes, name: str = "given") -> str:
    """Store a text or bytes; the address."""
    return files.put(f"{FOLDER}/{name}", io.BytesIO(content.encode() if isinstance(content, str) else content))


def put_rows(files: LocalFiles, rows: Iterable[object], name: str = "given.ion") -> str:
    """Store rows as Ion; the address."""
    return put(files, b"".join(map(ion_line, rows)), name)


def text(files: LocalFiles, address: object, charset: str = "utf-8") -> str:
    """What a stored file says."""
    return content(files, address).decode(charset)


def content(files: LocalFiles, address: object) -> bytes:
    """The bytes of a stored file."""
    with files.open(str(address)) as stored:
        return stored.read()


def rows(files: LocalFiles, address: object) -> list[object]:
    """The rows of a stored table."""
    return list(ion_rows(io.BytesIO(content(files, address))))
