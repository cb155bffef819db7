"""Tables as Ion text, one row a line: what tasks store and hand on. Rows of plain values are JSON at the same time."""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import BinaryIO, cast

import msgspec

from kapell.sdk.duration import format_duration
from kapell.sdk.rows import BINARY, read_rows

_PLAIN = frozenset({str, int, bool, type(None)})
_ENCODER = msgspec.json.Encoder()


def _number(text: str) -> object:
    """A number that is no integer: with an exponent it is a float, without it a decimal, as Ion has it."""
    return float(text) if "e" in text or "E" in text else Decimal(text)


_DECODER = msgspec.json.Decoder(float_hook=_number)


def ion_line(row: object) -> bytes:
    """A row as a line of Ion text with its end: instants, days, decimals, floats and bytes keep their types."""
    if type(row) is dict:
        row = {key: value if type(value) in _PLAIN else _written(value) for key, value in row.items()}
    elif type(row) not in _PLAIN:
        row = _written(row)
    return _ENCODER.encode(row) + b"\n"


def _written(value: object) -> object:
    """What the encoder writes as Ion: texts of Ion for what JSON has no form of."""
    if (write := _WRITERS.get(type(value))) is not None:
        return _raw(write(value))
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Mapping):
        return {str(key): _written(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_written(item) for item in value]
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return _raw(write(value))
    return format_duration(value) if isinstance(value, timedelta) else str(value)


def _raw(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())


def _float(value: object) -> str:
    number = cast(float, value)
    if not math.isfinite(number):
        return "nan" if math.isnan(number) else "+inf" if number > 0 else "-inf"
    text = repr(float(number))
    return text if "e" in text else f"{text}e0"


def _decimal(value: object) -> str | None:
    number = cast(Decimal, value)
    return str(number).replace("E", "d") if number.is_finite() else None


def _blob(value: object) -> str:
    return f"{{{{{b64encode(cast(bytes, value)).decode()}}}}}"


def _instant(value: object) -> str:
    """A time without a zone gets the offset by which Ion says that none is known."""
    moment = cast(datetime, value)
    if moment.tzinfo is None:
        return f"{moment.isoformat()}-00:00"
    if (moment.utcoffset() or timedelta()).seconds % 60:
        moment = moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


_WRITERS: dict[type, Callable[[object], str | None]] = {
    float: _float,
    Decimal: _decimal,
    datetime: _instant,
    date: lambda value: cast(date, value).isoformat(),
    bytes: _blob,
    bytearray: _blob,
    memoryview: _blob,
    time: lambda value: f'"{cast(time, value).isoformat()}"',
}


def ion_rows(content: BinaryIO) -> Iterator[object]:
    """The rows of Ion, text or binary, or of lines of JSON, one in memory at a time.

    Days are `date`, instants `datetime`, without a zone where the file knows none. Raises `KapellError` with the
    row's number where it is neither.
    """
    at = 0
    number = 0
    if content.read(len(BINARY)) != BINARY:
        content.seek(0)
        for line in content:
            if not line.isspace():
                try:
                    row = _DECODER.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    break
                number += 1
                yield row
            at += len(line)
        else:
            return
    # From here on it is more than JSON: the reader of all of Ion, which is slower, takes over.
    content.seek(at)
    for row in read_rows(content, number):
        yield _bare(row)


def _bare(value: object) -> object:
    """Values of the Ion library as Python's own."""
    if type(value) in _PLAIN or type(value) in (float, bytes, Decimal):
        return value
    if isinstance(value, Mapping):
        return {str(key): _bare(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_bare(item) for item in value]
    if isinstance(value, datetime):
        return _moment(value)
    for kind, bare in _BARE.items():
        if isinstance(value, kind):
            return bare(value)
    return None


_BARE: dict[type, Callable[[object], object]] = {
    str: str,
    int: lambda value: int(cast(int, value)),
    float: lambda value: float(cast(float, value)),
    bytes: lambda value: bytes(cast(bytes, value)),
    Decimal: lambda value: Decimal(cast(Decimal, value)),
}


def _moment(value: datetime) -> object:
    precision = getattr(value, "precision", None)
    if precision is not None and precision.value <= 2:
        return date(value.year, value.month, value.day)
    day = (value.year, value.month, value.day)
    return datetime(*day, value.hour, value.minute, value.second, value.microsecond, value.tzinfo)
