"""Libraries of vendors, which come with extras: imported where they are used, named where they are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kapell.errors import MissingExtra


@contextmanager
def vendor(type: str, extra: str) -> Iterator[None]:
    """Around an import: raises `MissingExtra`, which says what to install for `type`."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(type, error.name or "a library", extra) from error
