"""Texts, numbers and booleans, with their limits and validators."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kapell.engine.inputs.invalid import Invalid, cannot_convert
from kapell.engine.inputs.limits import BOUNDS, within
from kapell.errors import RenderError
from kapell.expr.printing import shown
from kapell.expr.regexp import pattern

if TYPE_CHECKING:
    import regex

MATCH_SECONDS = 1.0
LEAST_INT, MOST_INT = -(2**31), 2**31 - 1
_WHOLE = re.compile(r"[-+]?\d{1,20}", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,5})?", re.ASCII)
_EMAIL = re.compile(r"[a-zA-Z0-9_!#$%&'*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+")
Properties = Mapping[str, object]


def to_text(value: object, properties: Properties) -> str:
    """Any value as text; maps and lists as JSON."""
    text = shown(value)
    validator = properties.get("validator")
    if isinstance(validator, str) and not matches(validator, text):
        raise Invalid(f"it must match the pattern `{validator}`")
    return text


def matches(validator: str, text: str) -> bool:
    """Whether the pattern fits the whole text, told within `MATCH_SECONDS`."""
    return _in_time(validator, lambda compiled: compiled.fullmatch(text, timeout=MATCH_SECONDS))


def searches(source: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text, told within `MATCH_SECONDS`."""
    return _in_time(source, lambda compiled: compiled.search(text, timeout=MATCH_SECONDS))


def _in_time(source: str, look: Callable[[regex.Pattern[str]], object]) -> bool:
    try:
        return look(pattern(source)) is not None
    except TimeoutError:
        raise Invalid(f"the pattern `{source}` takes too long on this value") from None
    except RenderError as error:
        raise Invalid(error.message) from None


def to_integer(value: object, properties: Properties) -> int:
    """A whole number of 32 bits, from a number or text."""
    number = _integer(value)
    within(number, properties.get("min"), properties.get("max"), BOUNDS, _integer, shown)
    return number


def _integer(value: object) -> int:
    if isinstance(value, bool) or not _WHOLE.fullmatch(shown(value).strip()):
        raise cannot_convert(value, "Integer")
    number = int(shown(value))
    # Kestra: its INT has 32 bits
    if not LEAST_INT <= number <= MOST_INT:
        raise cannot_convert(value, "Integer")
    return number


def to_float(value: object, properties: Properties) -> float:
    """A finite number, from a number or text."""
    number = _float(value)
    within(number, properties.get("min"), properties.get("max"), BOUNDS, _float, shown)
    return number


def _float(value: object) -> float:
    if isinstance(value, bool) or not _DECIMAL.fullmatch(shown(value).strip()):
        raise cannot_convert(value, "Float")
    number = float(shown(value))
    if math.isinf(number):
        raise cannot_convert(value, "Float")
    return number


def to_boolean(value: object, _: Properties) -> bool:
    """Kestra: what is not `true`, in any case, is false."""
    return value if isinstance(value, bool) else shown(value).strip().lower() == "true"


def to_email(value: object, _: Properties) -> str:
    """An address that looks like one."""
    text = shown(value)
    if not _EMAIL.fullmatch(text):
        raise Invalid("The input must be a valid email")
    return text
