"""Rows in files, as tasks hand tables on to each other: Ion values one after the other, as text or binary.

Lines of JSON are Ion, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast

from kapell.errors import KapellError

BINARY = b"\xe0\x01\x00\xea"
"""What binary Ion begins with; every row that is written begins so, so that files can be put together."""


def read_rows(content: BinaryIO, number: int = 0) -> Iterator[object]:
    """The rows from the first to the last, one in memory at a time; raises `KapellError` where it is no Ion.

    `number` is how many there were before.
    """
    from amazon.ion import simpleion  # type: ignore[import-untyped]  # it has no annotations
    from amazon.ion.exceptions import IonException  # type: ignore[import-untyped]

    model = simpleion.IonPyValueModel
    bare = model.MAY_BE_BARE | model.SYMBOL_AS_TEXT | model.STRUCT_AS_STD_DICT
    try:
        for row in simpleion.load(content, single_value=False, parse_eagerly=False, value_model=bare):
            number += 1
            yield row
    except IonException as error:
        raise KapellError(f"Row {number + 1} is neither Ion nor JSON: {error}") from None


def row_bytes(row: object) -> bytes:
    """A row as binary Ion."""
    from amazon.ion import simpleion

    return cast(bytes, simpleion.dumps(row, binary=True))
