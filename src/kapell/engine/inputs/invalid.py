"""A value that an input does not take, and Kestra's sentences about it."""

from __future__ import annotations

from kapell.expr.printing import shown

LONGEST_SHOWN = 200


class Invalid(ValueError):
    """A value that is not of its type, or outside its limits; the text is the cause alone, without the input's id."""


def cannot_convert(value: object, java: str) -> Invalid:
    """Not a value of that (Java) type."""
    return Invalid(f"Cannot convert value '{brief(value)}' to {java}")


def expected(type: str, value: object, error: object) -> Invalid:
    """Not what the type's own reader understands; `error` is what that said."""
    return Invalid(f"Expected `{type}` but received `{brief(value)}` with errors: `{error}`")


def brief(value: object) -> str:
    """The value as a sentence shows it, cut where it would be a page."""
    text = shown(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
