"""Ids of 22 base62 characters: random ones that sort by time, those of their parts, and ones derived from anything."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import datetime

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 22
_PAIRS = [a + b for a in DIGITS for b in DIGITS]
_TEN_DIGITS = 3844**5
_PART_DIGITS = 5
MOST_PARTS = 62**_PART_DIGITS


def base62(number: int) -> str:
    """`number` (under 2^128) in 22 digits, zero-padded, so that text order is number order."""
    number, low = divmod(number, _TEN_DIGITS)
    top, high = divmod(number, _TEN_DIGITS)
    return f"{_PAIRS[top]}{_ten(high)}{_ten(low)}"


def _ten(number: int) -> str:
    """Ten digits: numbers of this size are quick to divide."""
    number, last = divmod(number, 3844)
    number, fourth = divmod(number, 3844)
    number, third = divmod(number, 3844)
    first, second = divmod(number, 3844)
    return f"{_PAIRS[first]}{_PAIRS[second]}{_PAIRS[third]}{_PAIRS[fourth]}{_PAIRS[last]}"


def new_id(now: datetime, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """A new id that sorts by creation: 48 bits of milliseconds since 1970, 80 random bits from `entropy`."""
    millis = int(now.timestamp() * 1000) & (2**48 - 1)
    return base62(millis << 80 | int.from_bytes(entropy(10), "big"))


def first_id(now: datetime) -> str:
    """The lowest id that `new_id` gives at an instant: whatever was given before sorts before it."""
    return base62(max(0, int(now.timestamp() * 1000)) << 80)


def part_id(of: str, number: int) -> str:
    """The id of the part with this number (under `MOST_PARTS`): those of one whole lie together, in their order."""
    rest, last = divmod(number, 3844)
    first, middle = divmod(rest, 3844)
    return f"{of[: LENGTH - _PART_DIGITS]}{DIGITS[first]}{_PAIRS[middle]}{_PAIRS[last]}"


def derived_id(*parts: object) -> str:
    """The id that belongs to `parts`: equal parts give equal ids. None and "" are two things."""
    text = "\x1f".join("\x00" if part is None else str(part) for part in parts)
    return base62(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big"))
