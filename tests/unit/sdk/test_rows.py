"""Rows in files: Ion as text or binary, JSON by lines."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kapell.errors import KapellError
from kapell.sdk.rows import read_rows, row_bytes


def read(content: bytes) -> list[object]:
    return list(read_rows(io.BytesIO(content)))


def test_text_binary_and_json_are_read_alike() -> None:
    rows = [{"id": 1, "price": Decimal("1.5"), "tags": ["a", None]}, {"id": 2}]
    assert read(b'{id:1,price:1.5,tags:["a",null]}\n{id:2}\n') == rows
    assert read(b'{"id": 1, "price": 1.5, "tags": ["a", null]}\n{"id": 2}') == rows
    assert read(b"".join(map(row_bytes, rows))) == rows


def test_instants_and_bytes_come_through() -> None:
    row = {"at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "raw": b"\x00\xff"}
    assert read(row_bytes(row)) == [row]


def test_a_broken_row_is_named_by_its_number() -> None:
    with pytest.raises(KapellError, match=r"^Row 3 is neither Ion nor JSON: "):
        read(b"{id:1}\n{id:2}\n{id:}")


class Endless(io.RawIOBase):
    """A hundred thousand rows that nobody holds in memory."""

    def __init__(self) -> None:
        self._rows: Iterator[bytes] = (b'{id:%d,text:"%s"}\n' % (number, b"x" * 100) for number in range(100_000))
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (row := next(self._rows, b"")):
            self._rest += row
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def test_one_row_is_in_memory_at_a_time() -> None:
    tracemalloc.start()
    count = sum(1 for _ in read_rows(Endless()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000
    assert peak < 2_000_000
