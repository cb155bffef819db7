"""Functions that make values of values: parsing, ranges, extremes."""

from __future__ import annotations

from decimal import Decimal

from kapell.errors import RenderError
from kapell.expr.javatype import Character, is_text
from kapell.expr.number import Long, compare, is_number, long_value
from kapell.expr.registry import as_function
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.value import given


@as_function("fromJson", "json", also="json", frame=True)
def from_json(frame: Frame, json: object = MISSING) -> object:
    """The value of a JSON text.

    {{ fromJson('[1, 2]')[1] }} → 2
    """
    if json is MISSING:
        raise RenderError("The 'fromJson' function expects an argument 'json'.")
    if json is None:
        return None
    if not is_text(json):
        raise RenderError("The 'fromJson' function expects an argument 'json' with type string.")
    from kapell.expr.json import parse_json

    frame.budget.weigh(json, 100)
    try:
        return parse_json(json)
    except ValueError as error:
        raise RenderError(f"Invalid json: {error}") from None


@as_function("fromIon", "ion", "allRows", frame=True)
def from_ion(frame: Frame, ion: object = MISSING, all_rows: object = MISSING) -> object:
    """The first value of an Ion text, or the list of all of them.

    {{ fromIon('{a: 1}').a }} → 1
    """
    if ion is MISSING:
        raise RenderError("The 'fromIon' function expects an argument 'ion'.")
    if ion is None:
        return None
    if not is_text(ion):
        raise RenderError("The 'fromIon' function expects an argument 'ion' with type string.")
    if all_rows is not MISSING and not isinstance(all_rows, bool):
        raise RenderError("The 'fromIon' function expects an argument 'allRows' with type boolean.")
    every = all_rows is True
    from kapell.expr.ion import parse_ion

    frame.budget.weigh(ion, 6)
    try:
        rows = parse_ion(ion)
    except (ValueError, ArithmeticError, IndexError) as error:
        raise RenderError(f"Invalid ion: {error}") from None
    if None in (rows if every else rows[:1]):
        # Kestra: its reader of rows stumbles over a null that stands alone
        raise RenderError("Invalid ion: a row is null")
    if every:
        return rows
    return rows[0] if rows else None


@as_function("yaml", "yaml", frame=True)
def yaml(frame: Frame, yaml: object = MISSING) -> object:
    """The value of a YAML text.

    {{ yaml('a: 1').a }} → 1
    """
    if yaml is MISSING:
        raise RenderError("The 'yaml' function expects an argument 'yaml'.")
    if not is_text(yaml):
        raise RenderError("The 'yaml' function expects an argument 'yaml' with type string.")
    from kapell.expr.yamltext import parse_yaml

    frame.budget.weigh(yaml, 10)
    try:
        return parse_yaml(yaml)
    except ValueError as error:
        raise RenderError(f"Invalid yaml: {error}") from None


MOST_ITEMS = 1_000_000


@as_function("range", "start", "end", "increment", frame=True)
def range_(frame: Frame, start: object = MISSING, end: object = MISSING, increment: object = MISSING) -> object:
    """The numbers or characters from one up to and with another.

    {{ range(0, 6, 2) }} → [0,2,4,6]
    """
    step = given(increment)
    if step is None:
        step = Long(1)
    if not isinstance(step, (int, float, Decimal)) or isinstance(step, bool):
        raise RenderError(f"The increment of the range function must be a number {step}")
    if is_text(start) and is_text(end) and len(start) == 1 == len(end):
        return [Character(chr(code)) for code in _numbers(frame, ord(start), ord(end), long_value(step))]
    if not (
        isinstance(start, (int, float, Decimal))
        and is_number(start)
        and isinstance(end, (int, float, Decimal))
        and is_number(end)
    ):
        raise RenderError("Arguments of range function must be of type Number or String with a length of 1")
    first, last = long_value(start), long_value(end)
    # Kestra counts as if the steps led there, whichever way they go
    by = long_value(step)
    size = abs(last - first) // max(1, abs(by)) + 1
    if by and size > MOST_ITEMS:
        raise RenderError(
            f"The range function cannot produce more than {MOST_ITEMS} elements, but this call would produce {size}."
        )
    return [Long(number) for number in _numbers(frame, first, last, by)]


def _numbers(frame: Frame, start: int, end: int, step: int) -> range:
    if not step:
        raise RenderError("The increment of the range function must be different than 0")
    found = range(start, end + (1 if step > 0 else -1), step)
    size = max(0, (end - start) // step + 1)
    frame.budget.spend(size)
    return found


@as_function("max", varargs=True)
def max_(*values: object) -> object:
    """The greatest of several numbers; nulls are passed over.

    {{ max(1, 3, 2) }} → 3
    """
    return _extreme(values, 1)


@as_function("min", varargs=True)
def min_(*values: object) -> object:
    """The smallest of several numbers; nulls are passed over.

    {{ min(1, 3, 2) }} → 1
    """
    return _extreme(values, -1)


def _extreme(values: tuple[object, ...], sign: int) -> object:
    best: object = None
    for value in values:
        if best is None:
            best = value
        elif value is not None:
            best = _better(best, value, sign)
    return best


def _better(best: object, value: object, sign: int) -> object:
    if isinstance(best, (int, float, Decimal)) and isinstance(value, (int, float, Decimal)):
        return value if compare(value, best) == sign else best
    raise RenderError("Only numbers can be compared here")
