"""Filters on numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite

from kapell.errors import RenderError
from kapell.expr.javatype import is_text
from kapell.expr.lexer import BLANK
from kapell.expr.number import LONG_MAX, Long, Single, fits_long, is_number, single
from kapell.expr.registry import as_filter
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.value import class_name, given, text

_INTEGER = re.compile(r"[+-]?(?:0[xX]|#)([0-9a-fA-F]+)|[+-]?[0-9]+")
_DOUBLE = re.compile(
    r"(?P<word>[+-]?(?:NaN|Infinity))|(?P<decimal>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[dDfF]?"
    r"|(?P<hex>[+-]?0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[dDfF]?"
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@as_filter("abs", lenient=True)
def absolute(value: object) -> object:
    """A number without its sign.

    {{ -7 | abs }} → 7
    """
    if value is None:
        raise RenderError('Can not pass null value to "abs" filter.')
    if not isinstance(value, (int, float, Decimal)) or isinstance(value, bool):
        raise RenderError("The 'abs' filter does require as input a number.")
    if isinstance(value, Long):
        return Long(abs(value)) if value != -LONG_MAX - 1 else value
    return Single(abs(value)) if isinstance(value, Single) else abs(value)


@as_filter("number", "type")
def number(value: object, type: object = MISSING) -> object:
    """A text as a number: INT, LONG, FLOAT, DOUBLE, BIGDECIMAL, BIGINTEGER, or the smallest kind that holds it.

    {{ '12.3' | number }} → 12.3
    """
    if value is None:
        return None
    if not is_text(value):
        raise RenderError(f"'number' filter can only be applied to String. Actual type was: {class_name(value)}")
    convert = _NUMBERS.get("" if type is MISSING else text(type, "number"), _smallest)
    try:
        return convert(value)
    except (ValueError, ArithmeticError):
        raise RenderError(
            f"{value} is not a valid number." if value.strip() else "A blank string is not a valid number"
        ) from None


def _whole(value: str) -> int:
    match = _INTEGER.fullmatch(value)
    if match is None:
        raise ValueError(value)
    if match[1] is not None:
        return int(match[1], 16) * (-1 if value[0] == "-" else 1)
    digits = value.lstrip("+-")
    octal = len(digits) > 1 and digits[0] == "0"
    return int(value, 8) if octal else int(value)


def _int(value: str) -> int:
    found = _whole(value)
    if not -(2**31) <= found < 2**31:
        raise ValueError(value)
    return found


def _long(value: str) -> int:
    found = _whole(value)
    if not fits_long(found):
        raise ValueError(value)
    return Long(found)


def _double(value: str) -> float:
    match = _DOUBLE.fullmatch(value.strip(BLANK))
    if match is None:
        raise ValueError(value)
    if match["hex"]:
        return float.fromhex(match["hex"])
    return float(match["decimal"] or match["word"])


def _decimal(value: str) -> Decimal:
    if not _DECIMAL.fullmatch(value):
        raise ValueError(value)
    return Decimal(value)


def _smallest(value: str) -> object:
    if _INTEGER.fullmatch(value):
        found = _whole(value)
        small = -(2**31) <= found < 2**31
        return found if small or not fits_long(found) else Long(found)
    suffix, digits = value[-1:], value[:-1]
    if suffix in "lL" and suffix and re.fullmatch(r"-?[0-9]+", digits):
        return Long(digits) if fits_long(int(digits)) else int(digits)
    if suffix in "fFdD" and suffix and _DECIMAL.fullmatch(digits):
        return single(float(digits)) if suffix in "fF" else float(digits)
    if not _DECIMAL.fullmatch(value):
        raise ValueError(value)
    return _fraction(value)


def _fraction(value: str) -> object:
    """A Float where it prints as the Double does, a Double where no digit is lost, else a BigDecimal."""
    exact, double = Decimal(value), float(value)
    small = single(double)
    if float(small) == double and isfinite(small) and (small or not exact):
        return small
    if isfinite(double) and Decimal(repr(double)) == exact:
        return double
    return exact


_NUMBERS = {
    "INT": _int,
    "LONG": _long,
    "FLOAT": lambda value: single(_double(value)),
    "DOUBLE": _double,
    "BIGDECIMAL": _decimal,
    "BIGINTEGER": _whole,
}


@as_filter("numberFormat", "format", frame=True)
def number_format(frame: Frame, value: object, format: object = MISSING) -> object:
    """A number printed by a pattern such as `#,##0.00`, `0%` or `0.###E0`.

    {{ 3.14159 | numberFormat('#.##') }} → 3.14
    """
    if value is None:
        return None
    if not is_number(value) or not isinstance(value, (int, float, Decimal)):
        raise RenderError("The input for the 'NumberFormat' filter has to be a number.")
    from kapell.expr.decimalformat import format_number

    pattern = None if given(format) is None else text(format, "numberFormat")
    return format_number(value, pattern, frame.env.locale)
