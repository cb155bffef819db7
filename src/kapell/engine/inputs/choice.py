"""What an input lets choose from, and the values that were chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from kapell.engine.inputs.invalid import Invalid
from kapell.errors import RenderError
from kapell.expr.json import parse_json
from kapell.expr.printing import shown
from kapell.expr.value import class_name

Properties = Mapping[str, object]


class Choice(Struct, frozen=True):
    """One of the values offered, with the words that a form shows for it."""

    value: str
    label: str


def choices(properties: Properties, render: Callable[[object], object]) -> tuple[Choice, ...] | None:
    """What is offered: the list as written, or what the expression gives; None where anything may be given."""
    listed = properties.get("values") or properties.get("options")
    expression = properties.get("expression")
    if listed is None and expression is not None:
        try:
            listed = _list(render(expression))
        except RenderError as error:
            raise Invalid(f"Cannot render 'expression'. Cause: {error.message}") from None
    return tuple(map(_choice, listed)) if isinstance(listed, Sequence) and not isinstance(listed, str) else None


def _list(result: object) -> list[object] | tuple[object, ...]:
    if isinstance(result, str):
        with suppress(ValueError):
            result = parse_json(result) if result.lstrip().startswith("[") else result
    if isinstance(result, list | tuple):
        return result
    name = "<null>" if result is None else class_name(result).rpartition(".")[2]
    raise Invalid(f"Invalid expression result. Expected a list of strings, but received {name}")


def _choice(item: object) -> Choice:
    if isinstance(item, Mapping) and "value" in item:
        value = shown(item["value"])
        return Choice(value, shown(item.get("label")) or value)
    return Choice(shown(item), shown(item))


def to_choice(value: object, properties: Properties) -> str:
    """One of the values offered."""
    text = shown(value)
    offered = _offered(properties)
    if offered is not None and text not in offered:
        raise Invalid(f"it must match the values `[{', '.join(offered)}]`")
    return text


def check_chosen(values: Sequence[object], properties: Properties) -> None:
    """All must be among the values offered."""
    offered = _offered(properties)
    if offered is None:
        return
    for value in values:
        if shown(value) not in offered:
            raise Invalid(f"value `{shown(value)}` doesn't match the values `[{', '.join(offered)}]`")


def _offered(properties: Properties) -> list[str] | None:
    """The texts that count; None where a value of one's own is allowed, or nothing is offered."""
    if properties.get("allowCustomValue") is True:
        return None
    found = choices({"values": properties.get("values"), "options": properties.get("options")}, lambda value: value)
    return None if found is None else [choice.value for choice in found]
