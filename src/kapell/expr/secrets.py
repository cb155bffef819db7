"""What was made from a secret is told to the masker, text by text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kapell.expr.budget import Walk

SHORTEST = 3
"""Shorter texts are not masked: they would black out half of every log."""


def mask_all(value: object, mask: Callable[[str], None], walk: Walk | None = None) -> None:
    """Hand every text in the value to `mask`; numbers and booleans say too little."""
    if isinstance(value, str):
        if len(value) >= SHORTEST:
            mask(value)
    elif isinstance(value, (list, tuple, Mapping)):
        walk = walk or Walk()
        walk.enter(len(value))
        for item in value.values() if isinstance(value, Mapping) else value:
            mask_all(item, mask, walk)
