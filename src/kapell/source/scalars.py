"""What an unquoted scalar means, by the rules that Kestra's reader has."""

from __future__ import annotations

import math
import re

LONGEST_NUMBER = 400
_BOOLEANS = {
    form: value
    for word, value in {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.items()
    for form in (word, word.capitalize(), word.upper())
}
_NULLS = frozenset({"~", "null", "Null", "NULL"})
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<binary>[01](?:_?[01])*)|0x(?P<hex>[0-9a-fA-F](?:_?[0-9a-fA-F])*)"
    r"|0(?P<octal>(?:_?[0-7])+)|(?P<decimal>0|[1-9](?:_?\d)*))",
    re.ASCII,
)
_FLOAT = re.compile(r"[-+]?(?:\d(?:_?\d)*\.?(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][-+]?\d+)?", re.ASCII)
_NOT_A_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0\d")
_BASES = {"binary": 2, "octal": 8, "hex": 16, "decimal": 10}
_TAG = "tag:yaml.org,2002:"


class Malformed(ValueError):
    """A scalar that can't be what it says it is."""


def resolve(text: str, tag: str | None, quoted: bool) -> str | int | float | bool | None:
    """The value of a scalar; raises `Malformed` for numbers that are none.

    Kestra: `yes` and `on` are booleans, `010` is 8, `1:30` and dates are texts, nothing at all is the empty text.
    """
    if tag is not None and tag != "!":
        return _tagged(text, tag.removeprefix(_TAG))
    if quoted or tag == "!" or not text:
        return text
    if text in _NULLS:
        return None
    boolean = _BOOLEANS.get(text)
    return boolean if boolean is not None else _number_or_text(text)


def _tagged(text: str, tag: str) -> str | int | float | bool | None:
    match tag:
        case "null":
            return None
        case "bool":
            return _BOOLEANS.get(text, text)
        case "int" | "float":
            value = _number_or_text(text)
            if isinstance(value, str):
                raise Malformed(f"Malformed numeric value '{text}'")
            return float(value) if tag == "float" else value
        case _:
            return text


def _number_or_text(text: str) -> str | int | float:
    if text[0] not in "0123456789+-.":
        return text
    if _NOT_A_NUMBER.fullmatch(text):
        raise Malformed(f"Malformed numeric value '{text}'")
    if match := _INTEGER.fullmatch(text):
        return _integer(text, match)
    if _FLOAT.fullmatch(text) and (not _LEADING_ZERO.match(text) or "." in text):
        return _float(text)
    return text


def _integer(text: str, match: re.Match[str]) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Malformed(f"Malformed numeric value: a number of {len(text)} digits")
    digits, base = next((match[name], base) for name, base in _BASES.items() if match[name] is not None)
    value = int(digits, base)
    return -value if match["sign"] == "-" else value


def _float(text: str) -> float:
    value = float(text.replace("_", ""))
    if math.isinf(value):
        raise Malformed(f"Malformed numeric value: {text[:40]} is too large")
    return value
