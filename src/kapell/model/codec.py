"""The one place that turns model values into bytes and back: JSON, so that big integers and NUL survive."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TypeVar

import msgspec

T = TypeVar("T")
_building = Lock()
_encoder = msgspec.json.Encoder(enc_hook=str)


def encode(value: object) -> bytes:
    """JSON bytes of a Struct, or of plain data; what JSON has no form for becomes its text."""
    return _encoder.encode(value)


def decode(data: bytes | str, type: type[T]) -> T:
    """The value of `type` that `data` holds; raises `msgspec.ValidationError` where it holds another."""
    # mypy does not know that a type has a hash.
    decoder: msgspec.json.Decoder[T] = _decoder(type)  # type: ignore[arg-type]
    return decoder.decode(data)


@cache
def _decoder(type: type[T]) -> msgspec.json.Decoder[T]:
    # msgspec lets a second thread use what the first has only half learned about a class, and crashes.
    with _building:
        return msgspec.json.Decoder(type)


def plain(data: bytes | str) -> object:
    """Any JSON as dicts, lists and scalars."""
    return msgspec.json.decode(data)
