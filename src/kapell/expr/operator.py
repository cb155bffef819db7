"""What the binary and unary operators do with two values; errors are Python's, the compiler names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from kapell.errors import RenderError
from kapell.expr.budget import Walk
from kapell.expr.javatype import Character, is_collection, is_list, is_text
from kapell.expr.number import Long, arithmetic, compare, from_text, is_number, java_class
from kapell.expr.printing import java_text
from kapell.expr.value import class_name


def add(left: object, right: object) -> object:
    """Sum of numbers, concatenation of texts, a list with more in it."""
    if type(left) is Long and type(right) is Long:
        return arithmetic("+", left, right)
    if _joins(left) or _joins(right):
        return java_text(left) + java_text(right)
    if is_list(left):
        return [*left, *right] if is_collection(right) else [*left, right]
    return calculate("+", left, right)


def _joins(value: object) -> bool:
    return isinstance(value, str) and type(value) is not Character


def subtract(left: object, right: object) -> object:
    """Difference of numbers, a list with some taken out."""
    if is_list(left):
        if is_collection(right):
            gone = set(map(key_of, right))
            return [item for item in left if key_of(item) not in gone]
        kept = list(left)
        for index, item in enumerate(kept):
            if equal(item, right):
                del kept[index]
                break
        return kept
    return calculate("-", left, right)


def calculate(operator: str, left: object, right: object) -> object:
    """Arithmetic of numbers; a text beside it is read as one. Raises TypeError or ValueError for anything else."""
    return arithmetic(operator, number(left), number(right))


def number(value: object) -> int | float | Decimal:
    """The value as a number."""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return value
    if is_text(value):
        return from_text(value)
    raise TypeError("invalid operands for mathematical operation")


def equal(left: object, right: object, walk: Walk | None = None) -> bool:
    """Java's `equals`: of numbers only those of one class are equal, in lists and maps too."""
    if isinstance(left, str) or left is None or isinstance(left, bool):
        return left is right or (isinstance(left, str) and _same_kind(left, right) and left == right)
    if is_number(left) or is_number(right):
        return java_class(left) == java_class(right) and left == right
    if left is right:
        return True
    walk = walk or Walk()
    if isinstance(left, (list, tuple)):
        walk.enter(len(left))
        if not (is_list(left) and is_list(right)) or len(left) != len(right):
            return False
        return all(equal(a, b, walk) for a, b in zip(left, right, strict=True))
    if isinstance(left, Mapping):
        walk.enter(len(left))
        if not isinstance(right, Mapping) or len(left) != len(right):
            return False
        return all(key in right and equal(item, right[key], walk) for key, item in left.items())
    return type(left) is type(right) and bool(left == right)


def _same_kind(left: str, right: object) -> bool:
    """Whether both are Strings, or Characters, or what a macro gave."""
    kinds = type(left), type(right)
    return kinds == (str, str) or (is_text(left) and is_text(right)) or kinds[0] is kinds[1]


def key_of(value: object, walk: Walk | None = None) -> object:
    """Something hashable that is equal for values that are `equal`."""
    if value is None or is_text(value):
        return value
    if is_number(value):
        return (java_class(value), value)
    if not isinstance(value, (list, tuple, Mapping)):
        return (type(value).__name__, value)
    walk = walk or Walk()
    walk.enter(len(value))
    if isinstance(value, Mapping):
        return ("map", frozenset((key, key_of(item, walk)) for key, item in value.items()))
    return ("list", tuple(key_of(item, walk) for item in value))


def loosely_equal(left: object, right: object) -> bool:
    """The `==` operator: like `equal`, but numbers are compared by their value."""
    if (
        isinstance(left, (int, float, Decimal))
        and isinstance(right, (int, float, Decimal))
        and not isinstance(left, bool)
        and not isinstance(right, bool)
    ):
        return compare(left, right) == 0
    return equal(left, right)


def ordered(test: Callable[[int], bool]) -> Callable[[object, object], bool]:
    """An operator that compares: texts by code unit, numbers by value, false beside a null."""

    def compared(left: object, right: object) -> bool:
        if is_text(left) and is_text(right):
            return test(compare_texts(left, right))
        if left is None or right is None:
            return False
        if is_number(left) and is_number(right):
            return test(compare(left, right))  # type: ignore[arg-type]  # is_number has checked both
        raise TypeError("invalid operands for mathematical comparison")

    return compared


def compare_texts(left: str, right: str) -> int:
    """By UTF-16 code units, as Java orders text."""
    if left == right:
        return 0
    if left.isascii() or right.isascii():
        return 1 if left > right else -1
    a, b = left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")
    return 1 if a > b else -1


def contains(left: object, right: object) -> bool:
    """Whether a list has an item (or all of a list), a map a key, a text a part; false for null."""
    if left is None:
        return False
    if isinstance(left, (list, tuple)):
        if is_collection(left) and is_collection(right):
            return set(map(key_of, left)).issuperset(map(key_of, right))
        return any(equal(item, right) for item in left)
    if isinstance(left, Mapping):
        return any(equal(key, right) for key in left) if is_number(right) else is_text(right) and right in left
    if is_text(left):
        return java_text(right) in left
    words = "Contains operator can only be used on Collections, Maps and arrays. Actual type was: "
    raise RenderError(words + class_name(left))


def is_in(left: object, right: object) -> bool:
    """Whether the text form of one is that of an item, of a key or a value; never true of a text."""
    if left is None or right is None:
        return False
    text = java_text(left)
    if is_collection(right):
        # Kestra: a null in the list or map is an error
        return text in list(map(_never_null, right))
    if isinstance(right, Mapping):
        return any(java_text(key) == text or _never_null(item) == text for key, item in right.items())
    return False


def _never_null(value: object) -> str:
    if value is None:
        raise RenderError("'isIn' finds a null among the values")
    return java_text(value)


def truth(value: object) -> bool:
    """The boolean of a boolean, number or text; raises TypeError for anything else."""
    if value is True or value is False:
        return value
    if is_text(value):
        return bool(value)
    if isinstance(value, (int, float, Decimal)):
        return bool(value) and value == value
    raise TypeError(f"{type(value).__name__} is neither a boolean, nor a number, nor text")
