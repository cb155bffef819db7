"""Bodies of requests: bytes, or pieces that are read while they are sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import BinaryIO
from urllib.parse import urlencode

from kapell.sdk.kv import plain_text

PIECE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: `pieces` gives it from the beginning, as often as it is asked."""

    type: str
    length: int
    pieces: Callable[[], Iterator[bytes]]

    @staticmethod
    def of(type: str, content: bytes) -> Body:
        """A body that is there already."""
        return Body(type, len(content), lambda: iter((content,)))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form."""

    name: str
    length: int
    open: Callable[[], BinaryIO]


def form(fields: Mapping[str, object]) -> Body:
    """A URL-encoded form; a list is as many fields of the same name."""
    pairs = [(name, plain_text(value)) for name, values in fields.items() for value in _each(values)]
    return Body.of("application/x-www-form-urlencoded; charset=UTF-8", urlencode(pairs).encode())


def _each(values: object) -> Iterable[object]:
    return values if isinstance(values, list) else (values,)


def multipart(fields: Mapping[str, str | Upload]) -> Body:
    """A form in parts, whose files are read while they are sent."""
    boundary = f"kapell-{token_hex(16)}"
    heads = {name: _head(boundary, name, field) for name, field in fields.items()}
    end = f"--{boundary}--\r\n".encode()
    length = sum(len(heads[name]) + _length(field) + 2 for name, field in fields.items()) + len(end)

    def pieces() -> Iterator[bytes]:
        for name, field in fields.items():
            yield heads[name]
            yield from _content(field)
            yield b"\r\n"
        yield end

    return Body(f"multipart/form-data; boundary={boundary}", length, pieces)


def _head(boundary: str, name: str, field: str | Upload) -> bytes:
    said = f'form-data; name="{_quoted(name)}"'
    if isinstance(field, Upload):
        said += f'; filename="{_quoted(field.name)}"\r\nContent-Type: application/octet-stream'
    return f"--{boundary}\r\nContent-Disposition: {said}\r\n\r\n".encode()


def _quoted(name: str) -> str:
    """As browsers do: no name can end its quotes or its line."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _length(field: str | Upload) -> int:
    return field.length if isinstance(field, Upload) else len(field.encode())


def _content(field: str | Upload) -> Iterator[bytes]:
    if isinstance(field, str):
        yield field.encode()
        return
    with field.open() as content:
        while piece := content.read(PIECE_BYTES):
            yield piece
