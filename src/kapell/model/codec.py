"""The one place that turns model values into bytes and back: JSON, so that big integers and NUL survive."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")
_encoder = msgspec.json.Encoder(enc_hook=str)


def encode(value: object) -> bytes:
    """JSON bytes of a Struct, or of plain data; what JSON has no form for becomes its text."""
    return _encoder.encode(value)


def decode(data: bytes | str, type: type[T]) -> T:
    """The value of `type` that `data` holds; raises `msgspec.ValidationError` where it holds another."""
    return msgspec.json.decode(data, type=type)


def plain(data: bytes | str) -> object:
    """Any JSON as dicts, lists and scalars."""
    return msgspec.json.decode(data)
