"""Numbers by Java's DecimalFormat patterns, with a locale's signs."""

from __future__ import annotations

import math
import struct
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache

from msgspec import Struct

from kapell.errors import RenderError
from kapell.expr.number import Single

_EXACT = Context(prec=2000)
MOST_DIGITS = 340


class Pattern(Struct, frozen=True):
    """One half of a pattern, taken apart."""

    prefix: str
    suffix: str
    whole: int
    most_whole: int
    fraction: int
    most_fraction: int
    group: int
    exponent: int
    shift: int


class Signs(Struct, frozen=True):
    """What a locale writes for the point, between groups, for minus."""

    point: str = "."
    group: str = ","
    minus: str = "-"


def format_number(value: int | float | Decimal, pattern: str | None, locale: str) -> str:
    """The number as the pattern says; `#,##0.###` without one."""
    signs = _signs(locale)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if value != value else ("-∞" if value < 0 else "∞")
    positive, negative = _parse(pattern if pattern is not None else "#,##0.###")
    minus = value < 0 or (isinstance(value, float) and math.copysign(1, value) < 0)
    if isinstance(value, float):
        digits = _digits(_of_double(abs(_double(value)) * 10**positive.shift), positive, signs)
    else:
        digits = _digits(abs(Decimal(value)).scaleb(positive.shift, _EXACT), positive, signs)
    if minus and negative is None:
        return f"{signs.minus}{positive.prefix}{digits}{positive.suffix}"
    chosen = negative if minus and negative is not None else positive
    return f"{chosen.prefix}{digits}{chosen.suffix}"


def _double(value: float) -> float:
    """The double that Java hands on: of a Float not its shortest decimal, but the 32 bits themselves."""
    return float(struct.unpack("f", struct.pack("f", value))[0]) if isinstance(value, Single) else float(value)


def _of_double(value: float) -> Decimal:
    """A double's shortest digits, a little more or less than them where a half would otherwise be rounded wrongly."""
    shown, exact = Decimal(repr(value)), Decimal(value)
    if shown == exact or shown.as_tuple().digits[-1] != 5:
        return shown
    nudge = Decimal((0, (1,), int(shown.as_tuple().exponent) - 3))
    return _EXACT.add(shown, nudge) if exact > shown else _EXACT.subtract(shown, nudge)


@lru_cache(32)
def _signs(locale: str) -> Signs:
    if locale.replace("-", "_") in ("en_US", "en", "en_GB", ""):
        return Signs()
    from babel import Locale, UnknownLocaleError

    try:
        symbols = Locale.parse(locale.replace("-", "_")).number_symbols["latn"]
    except (ValueError, UnknownLocaleError, KeyError):
        return Signs()
    return Signs(symbols["decimal"], symbols["group"], symbols["minusSign"])


def _digits(value: Decimal, pattern: Pattern, signs: Signs) -> str:
    if pattern.exponent:
        return _scientific(value, pattern, signs)
    rounded = value.quantize(Decimal(1).scaleb(-pattern.most_fraction), ROUND_HALF_EVEN, _EXACT)
    whole, _, fraction = f"{rounded:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(pattern.fraction, "0")
    whole = whole.lstrip("0").rjust(pattern.whole, "0")
    if not whole and not fraction:
        whole = "0"
    if pattern.group:
        head = len(whole) % pattern.group
        parts = [whole[:head]] if head else []
        parts += [whole[i : i + pattern.group] for i in range(head, len(whole), pattern.group)]
        whole = signs.group.join(parts)
    return whole + (signs.point + fraction if fraction else "")


def _scientific(value: Decimal, pattern: Pattern, signs: Signs) -> str:
    power = value.adjusted() if value else 0
    step = pattern.most_whole if pattern.most_whole > pattern.whole and pattern.most_whole > 1 else 0
    shown = power - power % step if step else power - (pattern.whole - 1)
    if not step and pattern.whole == 0:
        shown = power + 1
    significant = pattern.whole + pattern.most_fraction if step else 0
    scaled = value.scaleb(-shown, _EXACT)
    places = max(0, significant - scaled.adjusted() - 1) if step and value else pattern.most_fraction
    rounded = scaled.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _EXACT)
    whole, _, fraction = f"{rounded:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(0 if step else pattern.fraction, "0")
    whole = whole if pattern.whole or step else whole.lstrip("0")
    sign = signs.minus if shown < 0 else ""
    return f"{whole}{signs.point + fraction if fraction else ''}E{sign}{str(abs(shown)).rjust(pattern.exponent, '0')}"


@lru_cache(256)
def _parse(source: str) -> tuple[Pattern, Pattern | None]:
    halves = _split(source)
    if len(halves) > 2:
        raise RenderError(f"Too many parts in the number pattern '{source}'")
    positive = _half(halves[0], source)
    return positive, _half(halves[1], source) if len(halves) > 1 else None


def _split(source: str) -> list[str]:
    halves, quoted = [""], False
    for character in source:
        quoted ^= character == "'"
        if character == ";" and not quoted:
            halves.append("")
        else:
            halves[-1] += character
    return halves


def _half(source: str, whole_source: str) -> Pattern:
    prefix, at, shift = _affix(source, 0)
    start = at
    while at < len(source) and source[at] in "#0,.E":
        if source[at] == "E":
            at += 1
            while at < len(source) and source[at] == "0":
                at += 1
            break
        at += 1
    suffix, end, more = _affix(source, at)
    if end < len(source):
        raise RenderError(f"Malformed number pattern '{whole_source}'")
    mantissa, _, exponent = source[start:at].partition("E")
    whole, _, fraction = mantissa.partition(".")
    group = len(whole) - whole.rindex(",") - 1 if "," in whole else 0
    digits = whole.replace(",", "")
    if "#" in digits.lstrip("#") or "0" in fraction.lstrip("0") or "." in fraction or "," in fraction:
        raise RenderError(f"Malformed number pattern '{whole_source}'")
    if max(len(digits), len(fraction)) > MOST_DIGITS:
        raise RenderError("The number pattern is too long")
    least, least_fraction = digits.count("0"), fraction.count("0")
    if "." in mantissa and not least and not least_fraction:
        # Java: `#.##` shows a zero before the point, `.##` one behind it
        least, least_fraction = (1, 0) if digits else (0, 1)
    return Pattern(
        prefix=prefix,
        suffix=suffix,
        whole=least,
        most_whole=len(digits),
        fraction=least_fraction,
        most_fraction=len(fraction),
        group=group,
        exponent=len(exponent),
        shift=shift + more,
    )


def _affix(source: str, at: int) -> tuple[str, int, int]:
    """Text before or behind the digits, where it ends, and by how many digits % or ‰ shift the number."""
    made, shift, quoted = "", 0, False
    while at < len(source):
        character = source[at]
        if character == "'":
            if source[at + 1 : at + 2] == "'":
                made += "'"
                at += 1
            else:
                quoted = not quoted
        elif not quoted and character in "#0,.":
            break
        else:
            made += character
            shift += 0 if quoted else {"%": 2, "‰": 3}.get(character, 0)
        at += 1
    return made, at, shift
