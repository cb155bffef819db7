"""The words of a template, as the lexer hands them to the parser."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """Kinds of tokens; error messages show these names."""

    TEXT = "TEXT"
    PRINT_START = "PRINT_START"
    PRINT_END = "PRINT_END"
    EXECUTE_START = "EXECUTE_START"
    EXECUTE_END = "EXECUTE_END"
    NAME = "NAME"
    OPERATOR = "OPERATOR"
    PUNCTUATION = "PUNCTUATION"
    LONG = "LONG"
    NUMBER = "NUMBER"
    STRING = "STRING"
    STRING_INTERPOLATION_START = "STRING_INTERPOLATION_START"
    STRING_INTERPOLATION_END = "STRING_INTERPOLATION_END"
    EOF = "EOF"


class Token(Struct):
    """One word with its place; `value` is None where the kind says all."""

    kind: Kind
    value: str | None
    line: int
    column: int

    def test(self, kind: Kind, *values: str) -> bool:
        """Whether this is such a token (with one of these values, if any are given)."""
        return self.kind is kind and (not values or self.value in values)


UNARY = {"not": 500, "+": 500, "-": 500}
"""Unary operators and how tightly they bind."""

BINARY = {
    "or": 10,
    "and": 15,
    "is": 20,
    "is not": 20,
    "contains": 20,
    "isIn": 30,
    "isNotIn": 30,
    "==": 30,
    "equals": 30,
    "!=": 30,
    ">": 30,
    "<": 30,
    ">=": 30,
    "<=": 30,
    "+": 40,
    "-": 40,
    "*": 60,
    "/": 60,
    "%": 60,
    "|": 100,
    "~": 110,
    "..": 120,
    "??": 120,
    "???": 120,
}
"""Binary operators and how tightly they bind; all of them group from the left."""
