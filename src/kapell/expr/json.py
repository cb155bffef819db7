"""JSON text → values, as Jackson reads it: what follows the first value is not looked at."""

from __future__ import annotations

import json


def _refuse(name: str) -> object:
    raise ValueError(f"Non-standard token '{name}'")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def parse_json(text: str) -> object:
    """The first value of a JSON text; raises ValueError with its place for anything else."""
    return _first(text)[0]


def first_json(text: str) -> str:
    """The part of a JSON text that is its first value; raises ValueError as `parse_json` does."""
    return text[: _first(text)[1]]


def _first(text: str) -> tuple[object, int]:
    start = len(text) - len(text.lstrip(" \t\r\n"))
    if start == len(text):
        raise ValueError("No content to map due to end-of-input")
    try:
        value: object
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg}, line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end < len(text) and isinstance(value, (int, float)) and text[end] not in " \t\r\n,]}":
        raise ValueError(f"Unexpected character ('{text[end]}') after a number")
    return value, end
