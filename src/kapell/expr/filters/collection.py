"""Filters on lists and maps; some take text as a list of its characters."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cmp_to_key

from kapell.errors import RenderError
from kapell.expr import utf16
from kapell.expr.javamap import hashed
from kapell.expr.javatype import Array, Character, KeySet, Values, is_list, is_text
from kapell.expr.number import compare, int_value, is_number, java_class
from kapell.expr.operator import compare_texts, key_of
from kapell.expr.printing import java_text
from kapell.expr.registry import as_filter
from kapell.expr.runtime import MISSING, Frame, entries
from kapell.expr.value import class_name, given, items, kind, text, whole


@as_filter("length", lenient=True)
def length(value: object) -> object:
    """The number of items of a list or map, or of characters (UTF-16 units) of a text; 0 for anything else.

    {{ [1, 2] | length }} → 2
    """
    if is_text(value):
        return utf16.length(value)
    return len(value) if isinstance(value, (list, tuple, Mapping)) else 0


@as_filter("first", lenient=True)
def first(value: object) -> object:
    """The first item of a list or character of a text; null for an empty list.

    {{ ['a', 'b'] | first }} → a
    """
    return _edge(value, "first", 0)


@as_filter("last", lenient=True)
def last(value: object) -> object:
    """The last item of a list or character of a text; null for an empty list.

    {{ ['a', 'b'] | last }} → b
    """
    return _edge(value, "last", -1)


def _edge(value: object, name: str, index: int) -> object:
    if value is None:
        return None
    if is_text(value):
        if not value:
            raise RenderError(f"Index {index} out of bounds for length 0")
        return Character(utf16.at(value, index % utf16.length(value)))
    if isinstance(value, (list, tuple)):
        return value[index] if value else None
    raise RenderError(f"'{name}' needs a list or text, not {kind(value)}")


@as_filter("slice", "fromIndex", "toIndex")
def slice(value: object, start: object = MISSING, end: object = MISSING) -> object:
    """The part of a list or text from one index up to another, that one excluded.

    {{ 'kestrel' | slice(1, 3) }} → es
    """
    if value is None:
        return None
    begin = 0 if given(start) is None else _index(start, "fromIndex")
    if begin < 0:
        raise RenderError("fromIndex must be greater than 0")
    if not is_text(value) and not is_list(value) and not isinstance(value, Array):
        message = "Slice filter can only be applied to String, List and array inputs. Actual type was: "
        raise RenderError(message + class_name(value))
    size = utf16.length(value) if isinstance(value, str) else len(value)
    stop = size
    if given(end) is not None:
        stop = _index(end, "toIndex")
        if stop > size:
            raise RenderError(f"toIndex must be smaller than input size: {size}")
        if begin >= stop:
            raise RenderError("toIndex must be greater than fromIndex")
    if begin > stop:
        raise RenderError(f"begin {begin}, end {stop}, length {size}")
    if isinstance(value, str):
        return utf16.part(value, begin, stop)
    return Array(value[begin:stop]) if isinstance(value, Array) else list(value[begin:stop])


def _index(value: object, name: str) -> int:
    if isinstance(value, (int, float, Decimal)) and is_number(value):
        return int_value(value)
    raise RenderError(f"Argument {name} must be a number. Actual type: {class_name(value)}")


@as_filter("join", "separator", frame=True)
def join(frame: Frame, value: object, separator: object = MISSING) -> object:
    """The items of a list as one text, with a separator between them.

    {{ [1, 2] | join(', ') }} → 1, 2
    """
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        raise RenderError("The 'join' filter expects that the input is either a collection or an array.")
    between = "" if given(separator) is None else text(separator, "join")
    parts = list(map(java_text, value))
    frame.budget.room(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)


@as_filter("reverse", lenient=True)
def reverse(value: object) -> object:
    """A list from its end.

    {{ [1, 2] | reverse }} → [2,1]
    """
    return None if value is None else list(reversed(items(value, "reverse")))


@as_filter("sort", lenient=True)
def sort(value: object) -> object:
    """A list in ascending order; its items must be of one kind.

    {{ [3, 1, 2] | sort }} → [1,2,3]
    """
    if value is None:
        return None
    if not is_list(value) and not isinstance(value, Array):
        raise RenderError("Unsupported input type for sort filter")
    return _sorted(value, reverse=False)


@as_filter("rsort", lenient=True)
def rsort(value: object) -> object:
    """A list in descending order; its items must be of one kind.

    {{ [3, 1, 2] | rsort }} → [3,2,1]
    """
    return None if value is None else _sorted(items(value, "rsort"), reverse=True)


def _sorted(value: list[object] | tuple[object, ...], *, reverse: bool) -> list[object]:
    texts = [item for item in value if is_text(item) and item.isascii()]
    if len(texts) == len(value):
        return [*sorted(texts, reverse=reverse)]
    return sorted(value, key=cmp_to_key(_order), reverse=reverse)


def _order(left: object, right: object) -> int:
    if is_text(left) and is_text(right):
        return compare_texts(left, right)
    if isinstance(left, Character) and isinstance(right, Character):
        return compare_texts(left, right)
    if isinstance(left, bool) and isinstance(right, bool):
        return left - right
    if is_number(left) and is_number(right) and java_class(left) == java_class(right):
        return compare(left, right)  # type: ignore[arg-type]  # both are numbers
    raise RenderError(f"{kind(left)} can't be compared with {kind(right)}")


@as_filter("distinct", lenient=True)
def distinct(value: object) -> object:
    """A list without those items that equal an earlier one.

    {{ [1, 2, 1] | distinct }} → [1,2]
    """
    if value is None:
        # Kestra: null gives the text "null" here
        return "null"
    if not is_list(value):
        raise RenderError(f"Input must be a list, but received : {class_name(value)}")
    seen: set[object] = set()
    kept: list[object] = []
    for item in value:
        key = key_of(item)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


@as_filter("flatten", frame=True)
def flatten(frame: Frame, value: object) -> object:
    """The items of the lists in a list, one level deep.

    {{ [[1, 2], [3]] | flatten }} → [1,2,3]
    """
    if value is None:
        return None
    if not is_list(value):
        raise RenderError("The 'flatten' filter can only be applied to lists.")
    made: list[object] = []
    for item in value:
        if is_list(item):
            frame.budget.grow(len(item))
            made.extend(item)
        else:
            made.append(item)
    return made


@as_filter("chunk", "size")
def chunk(value: object, size: object = MISSING) -> object:
    """A list in parts of a size.

    {{ [1, 2, 3] | chunk(2) }} → [[1,2],[3]]
    """
    if value is None:
        return None
    if size is MISSING:
        raise RenderError("'chunk' filter expects an argument 'size'.")
    if not is_list(value):
        raise RenderError(f"'chunk' filter can only be applied to List. Actual type was: {class_name(value)}")
    if not is_number(size):
        raise RenderError(f"'chunk' filter argument 'size' must be a number. Actual type was: {class_name(size)}")
    step = whole(size, "chunk")
    if step <= 0:
        raise RenderError("The 'chunk' filter expects a size greater than 0")
    return [list(value[i : i + step]) for i in range(0, len(value), step)]


@as_filter("merge", "items", frame=True)
def merge(frame: Frame, value: object, other: object = MISSING) -> object:
    """Two lists after each other, or two maps in one; the second's entries win.

    {{ [1] | merge([2]) }} → [1,2]
    """
    second = given(other)
    if value is None or second is None:
        if value is None and second is None:
            raise RenderError("The two arguments to be merged are null")
        return second if value is None else value
    if isinstance(value, (list, tuple, Mapping)):
        frame.budget.grow(len(value))
    if isinstance(value, Mapping):
        return _merge_map(value, second)
    if isinstance(value, Array) and isinstance(second, Array):
        return Array([*value, *second])
    if not is_list(value):
        raise RenderError("The object being filtered is not a Map/List/Array")
    if isinstance(second, Mapping):
        return [*value, *entries(second)]
    if is_list(second):
        return [*value, *second]
    raise RenderError(f"Currently, only Maps and Lists can be merged with a List. Arg2: {class_name(second)}")


def _merge_map(value: Mapping[object, object], other: object) -> object:
    if isinstance(other, Mapping):
        return hashed({**value, **other}, len(value) + len(other) + 16)
    if is_list(other):
        return hashed({**value, **{item: item for item in other}}, len(value) + len(other) + 16)
    raise RenderError(f"Currently, only Maps and Lists can be merged with a Map. Arg2: {class_name(other)}")


@as_filter("keys", lenient=True)
def keys(value: object) -> object:
    """The keys of a map, or the indexes of a list.

    {{ {'a': 1} | keys }} → ["a"]
    """
    if value is None:
        return None
    if isinstance(value, Mapping):
        return KeySet(value)
    if is_list(value) or isinstance(value, Array):
        return list(range(len(value)))
    raise RenderError(f"'keys' filter can only be applied to List, Map, Array. Actual type was: {class_name(value)}")


@as_filter("values", lenient=True)
def values(value: object) -> object:
    """The values of a map.

    {{ {'a': 1} | values }} → [1]
    """
    if value is None:
        return None
    if isinstance(value, Mapping):
        return Values(value.values())
    raise RenderError(f"'values' filter can only be applied to Map. Actual type was: {class_name(value)}")
