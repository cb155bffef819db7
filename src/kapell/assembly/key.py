"""The installation's key: configured, or made at the first start and kept beside the data."""

from __future__ import annotations

import base64
import binascii
import os
from contextlib import suppress
from pathlib import Path

from kapell.assembly.settings import Settings
from kapell.errors import KapellError

VARIABLE = "KAPELL_ENCRYPTION_KEY"
FILE = "encryption.key"
KEY_BYTES = 32


def encryption_key(settings: Settings) -> bytes:
    """What SECRET inputs are encrypted with: `KAPELL_ENCRYPTION_KEY`, else the key in `state_dir`, else one for now."""
    configured = settings.environ.get(VARIABLE)
    if configured is not None:
        return _decoded(configured, f"The environment variable {VARIABLE}")
    if settings.state_dir is None:
        return os.urandom(KEY_BYTES)
    path = settings.state_dir / FILE
    if not path.exists():
        _make(path)
    return _decoded(path.read_text(encoding="ascii"), str(path))


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) not in (16, 24, 32):
        raise KapellError(f"{where} is not base64 of a key of 16, 24 or 32 bytes")
    return key


def _make(path: Path) -> None:
    """A new key, on the disk before it is used; of two processes that make one, one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{FILE}.{os.getpid()}-{os.urandom(4).hex()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        new.unlink()
