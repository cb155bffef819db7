"""Ids of 22 base62 characters: random ones that sort by time, and derived ones that are the same for the same parts."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import datetime

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 22
_PAIRS = [a + b for a in DIGITS for b in DIGITS]


def base62(number: int) -> str:
    """`number` (under 2^128) in 22 digits, zero-padded, so that text order is number order."""
    parts = []
    for _ in range(LENGTH // 2):
        number, rest = divmod(number, 3844)
        parts.append(_PAIRS[rest])
    return "".join(reversed(parts))


def new_id(now: datetime, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """A new id that sorts by creation: 48 bits of milliseconds since 1970, 80 random bits from `entropy`."""
    millis = int(now.timestamp() * 1000) & (2**48 - 1)
    return base62(millis << 80 | int.from_bytes(entropy(10), "big"))


def first_id(now: datetime) -> str:
    """The lowest id that `new_id` gives at an instant: whatever was given before sorts before it."""
    return base62(max(0, int(now.timestamp() * 1000)) << 80)


def derived_id(*parts: object) -> str:
    """The id that belongs to `parts`: equal parts give equal ids. None and "" are two things."""
    text = "\x1f".join("\x00" if part is None else str(part) for part in parts)
    return base62(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big"))
