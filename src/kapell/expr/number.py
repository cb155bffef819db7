"""Java's numbers: widths of whole numbers, the arithmetic between them, and how they print.

Python's int stands for Integer, Long or BigInteger by its size, as a variable's number does; what the template itself
writes or computes is a `Long`, however small. float is Double, `Single` is Float, Decimal is BigDecimal.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import Context, Decimal, InvalidOperation

from kapell.expr.budget import OverBudget

INT_MAX = 2**31 - 1
LONG_MAX = 2**63 - 1
MOST_DIGITS = 1_000_000
MOST_PLAIN = 4000
"""Whole numbers of more digits Python would not print."""

_DECIMAL128 = Context(prec=34)


class Long(int):
    """A whole number of 64 bits."""

    __slots__ = ()


class Single(float):
    """A float of 32 bits; its value is the shortest decimal that stands for it."""

    __slots__ = ()


def single(value: float) -> Single:
    """The nearest 32-bit float."""
    try:
        bits = struct.pack("f", value)
    except OverflowError:
        return Single(math.copysign(math.inf, value))
    for digits in range(6, 10):
        short = f"{value:.{digits}g}"
        if struct.pack("f", float(short)) == bits:
            return Single(short)
    return Single(struct.unpack("f", bits)[0])


def long(value: int) -> Long:
    """The number wrapped to 64 bits, as Java wraps it."""
    if -LONG_MAX - 1 <= value <= LONG_MAX:
        return Long(value)
    return Long((value + 2**63) % 2**64 - 2**63)


def java_class(value: object) -> str:
    """Java's name for the class of a number: Integer, Long, BigInteger, Double, Float or BigDecimal; "" for others."""
    kind = type(value)
    if kind is int:
        size = abs(value) if isinstance(value, int) else 0
        return "Integer" if size <= INT_MAX or value == -INT_MAX - 1 else "Long" if fits_long(value) else "BigInteger"
    return _CLASSES.get(kind, "")


_CLASSES: dict[type, str] = {Long: "Long", float: "Double", Single: "Float", Decimal: "BigDecimal"}


def fits_long(value: object) -> bool:
    """Whether a whole number has room in 64 bits."""
    return isinstance(value, int) and -LONG_MAX - 1 <= value <= LONG_MAX


def is_number(value: object) -> bool:
    """Whether Java would call it a Number; booleans are none."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def int_value(value: int | float | Decimal) -> int:
    """Java's `intValue()`: the fraction cut off, whole numbers wrapped to 32 bits, doubles held at its ends."""
    if isinstance(value, float):
        if value != value:
            return 0
        return int(min(max(value, -INT_MAX - 1), INT_MAX))
    return _wrap_int(_integral(value))


def long_value(value: int | float | Decimal) -> Long:
    """Java's `longValue()`: the fraction cut off, whole numbers wrapped to 64 bits, doubles held at its ends."""
    if isinstance(value, float):
        if value != value:
            return Long(0)
        return Long(LONG_MAX if value >= LONG_MAX else max(int(max(value, -9.3e18)), -LONG_MAX - 1))
    return long(_integral(value))


def _integral(value: int | Decimal) -> int:
    """Without its fraction; of a huge power of ten only the 64 bits at the end count, and they are zero."""
    if isinstance(value, int):
        return int(value)
    return int(value) if value.is_finite() and value.adjusted() < 400 else 0


def plain(value: int | float | Decimal) -> int | float:
    """The same number in Python's own type."""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        whole = isinstance(exponent, int) and exponent >= 0 and value.adjusted() < MOST_PLAIN
        return int(value) if whole else float(value)
    return int(value) if isinstance(value, int) else float(value)


def double_text(value: float) -> str:
    """As Java prints a Double: `1.0E-10`, `1.23456789E7`, `-0.0`, `Infinity`."""
    if value != value:
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(float(value))
    size = abs(value)
    if value == 0 or 1e-3 <= size < 1e7:
        return text if "e" not in text else f"{value:f}"
    sign, digits, exponent = Decimal(text).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) - 1 + int(exponent)
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def decimal_text(value: Decimal) -> str:
    """As Java prints a BigDecimal."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)
    figures = "".join(map(str, digits))
    adjusted = exponent + len(figures) - 1
    minus = "-" if sign else ""
    if exponent <= 0 and adjusted >= -6:
        if exponent == 0:
            return minus + figures
        figures = figures.rjust(1 - exponent, "0")
        return f"{minus}{figures[:exponent]}.{figures[exponent:]}"
    shown = figures[0] + ("." + figures[1:] if len(figures) > 1 else "")
    return f"{minus}{shown}E{adjusted:+d}"


def plain_decimal(value: Decimal) -> str:
    """As Java's `toPlainString` writes it, which is how a BigDecimal is printed."""
    if not value.is_finite():
        return str(value)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and abs(exponent) > MOST_DIGITS:
        raise OverBudget(f"The number has more than {MOST_DIGITS} digits")
    return f"{value:f}"


def number_text(value: int | float | Decimal) -> str:
    """As Java's `toString` writes it."""
    if isinstance(value, float):
        return double_text(value)
    return decimal_text(value) if isinstance(value, Decimal) else whole_text(value)


def whole_text(value: int) -> str:
    """The decimal digits of a whole number."""
    try:
        return int.__repr__(value)
    except ValueError:
        raise OverBudget("The number has too many digits") from None


def to_decimal(value: int | float | Decimal) -> Decimal:
    """Its decimal digits as they print; raises ValueError for NaN and Infinity, as Java does."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(double_text(value))
    return Decimal(repr(float(value))) if isinstance(value, float) else Decimal(int(value))


def compare(left: int | float | Decimal, right: int | float | Decimal) -> int:
    """-1, 0 or 1; numbers of different classes are compared by their decimal digits."""
    if isinstance(left, float) and isinstance(right, float):
        return _compare_doubles(left, right)
    if isinstance(left, int) and isinstance(right, int):
        return (left > right) - (left < right)
    a, b = to_decimal(left), to_decimal(right)
    return (a > b) - (a < b)


def _compare_doubles(left: float, right: float) -> int:
    if left == right:
        signs = math.copysign(1, left), math.copysign(1, right)
        return 0 if left else (signs[0] > signs[1]) - (signs[0] < signs[1])
    if left != left or right != right:
        return (left != left) - (right != right)
    return 1 if left > right else -1


def from_text(text: str) -> int | float:
    """The number that a text stands for beside an arithmetic operator; raises ValueError for any other text."""
    if not text.isascii() or "_" in text:
        raise ValueError(f'For input string: "{text}"')
    try:
        found = int(text)
        return Long(found) if fits_long(found) and text.strip() == text else float(text)
    except ValueError:
        return float(text)


def arithmetic(operator: str, left: int | float | Decimal, right: int | float | Decimal) -> object:
    """Java's widening: BigDecimal over Double over Float over Long over Integer; whole results are Long."""
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return _decimals(operator, to_decimal(float(left)), to_decimal(float(right)))
    if isinstance(left, float) or isinstance(right, float):
        result = _DOUBLES[operator](float(left), float(right))
        single_only = type(left) is not float and type(right) is not float
        return single(result) if single_only else result
    if type(left) is int and type(right) is int and not (_is_long(left) or _is_long(right)):
        return Long(_wrap_int(_WHOLE[operator](_wrap_int(left), _wrap_int(right))))
    return long(_WHOLE[operator](long(left), long(right)))


def _is_long(value: int) -> bool:
    return not -INT_MAX - 1 <= value <= INT_MAX and fits_long(value)


def _wrap_int(value: int) -> int:
    return (value + 2**31) % 2**32 - 2**31


def _decimals(operator: str, left: Decimal, right: Decimal) -> Decimal:
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return _DECIMAL128.multiply(left, right)
            case "/":
                return _DECIMAL128.divide(left, right)
            case _:
                return _DECIMAL128.remainder(left, right)
    except InvalidOperation as error:
        raise ZeroDivisionError from error


def _divide_whole(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _modulo_whole(left: int, right: int) -> int:
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def _divide_double(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or left != left or right != right:
        return math.nan
    return math.copysign(math.inf, math.copysign(1, left) * math.copysign(1, right))


def _modulo_double(left: float, right: float) -> float:
    if not right or math.isinf(left) or left != left or right != right:
        return math.nan
    return math.fmod(left, right)


_WHOLE: dict[str, Callable[[int, int], int]] = {
    "+": int.__add__,
    "-": int.__sub__,
    "*": int.__mul__,
    "/": _divide_whole,
    "%": _modulo_whole,
}

_DOUBLES: dict[str, Callable[[float, float], float]] = {
    "+": float.__add__,
    "-": float.__sub__,
    "*": float.__mul__,
    "/": _divide_double,
    "%": _modulo_double,
}
