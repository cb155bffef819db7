"""What compiled closures work on: the frame of a rendering, scopes of names, and the way into values.

Only lists, mappings and the allow-listed methods of text, lists and maps can be looked into: never a Python attribute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from kapell.errors import RenderError
from kapell.expr.budget import Budget
from kapell.expr.environment import Env
from kapell.expr.javatype import Array, is_list
from kapell.expr.number import int_value, is_number, java_class, long_value
from kapell.expr.printing import Entry, java_text, shown

if TYPE_CHECKING:
    from kapell.expr.ast import Place

Eval = Callable[["Frame"], object]
Exec = Callable[["Frame"], None]


LONGEST_SHOWN = 4000
"""How much of a template the error of a missing name shows."""


class Missing:
    """The type of an argument that was not given."""

    __slots__ = ()


MISSING = Missing()


class Undefined(RenderError):
    """A variable or a part of a path is not there; `??` and default() catch it."""


class Scope:
    """Names that a tag has set; a `local` one (a macro's) hides everything behind it."""

    __slots__ = ("local", "names", "parent")

    def __init__(self, parent: Scope | None, *, local: bool = False) -> None:
        self.names: dict[str, object] = {}
        self.parent = parent
        self.local = local


class Frame:
    """The state of one template while it renders."""

    __slots__ = ("blocks", "budget", "env", "macros", "out", "scope", "secrets", "tainted", "variables")

    def __init__(self, variables: Mapping[str, object], env: Env, budget: Budget) -> None:
        self.variables = variables
        self.env = env
        self.budget = budget
        self.out: list[object] = []
        self.scope: Scope | None = None
        self.macros: Mapping[str, Macro] = {}
        self.blocks: Mapping[str, Exec] = {}
        self.secrets = 0
        self.tainted: set[str] = set()

    def find(self, name: str) -> object:
        """The value of a name; `MISSING` when nothing has it."""
        scope = self.scope
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            if scope.local:
                return MISSING
            scope = scope.parent
        try:
            return self.variables[name]
        except KeyError:
            return MISSING

    def assign(self, name: str, value: object) -> None:
        """Set a name where it already is; a new one in the innermost scope."""
        if self.scope is None:
            self.scope = Scope(None)
        scope: Scope | None = self.scope
        while scope is not None:
            if scope.local or name in scope.names or (scope.parent is None and name in self.variables):
                scope.names[name] = value
                return
            scope = scope.parent
        self.scope.names[name] = value

    def visible(self) -> Mapping[str, object]:
        """All names as a template inside this one sees them."""
        if self.scope is None:
            return self.variables
        layers: list[dict[str, object]] = []
        scope: Scope | None = self.scope
        while scope is not None:
            layers.append(scope.names)
            if scope.local:
                return Layers(layers, {})
            scope = scope.parent
        return Layers(layers, self.variables)

    def capture(self, body: Exec) -> str:
        """What a body prints, as one text; lists and maps in Java's form."""
        outer, self.out = self.out, []
        try:
            body(self)
            return join(self.out, self.budget, java_text_or_nothing)
        finally:
            self.out = outer


class Layers(Mapping[str, object]):
    """Scopes over variables, looked into one after the other and never copied."""

    __slots__ = ("layers", "variables")

    def __init__(self, layers: list[dict[str, object]], variables: Mapping[str, object]) -> None:
        self.layers = layers
        self.variables = variables

    def __getitem__(self, name: str) -> object:
        for layer in self.layers:
            if name in layer:
                return layer[name]
        return self.variables[name]

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys(name for names in (*self.layers, self.variables) for name in names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Macro:
    """A compiled macro: names of its parameters, their defaults, its body."""

    __slots__ = ("body", "defaults", "names")

    def __init__(self, names: tuple[str, ...], defaults: tuple[Eval | None, ...], body: Exec) -> None:
        self.names = names
        self.defaults = defaults
        self.body = body


def java_text_or_nothing(value: object) -> str:
    """Java's text form, nothing for null."""
    return "" if value is None else java_text(value)


def join(pieces: list[object], budget: Budget, text: Callable[[object], str] = shown) -> str:
    """The pieces as one text, refused before it gets too long."""
    if len(pieces) == 1:
        whole = text(pieces[0])
        budget.room(len(whole))
        return whole
    made: list[str] = []
    length = 0
    for piece in pieces:
        made.append(text(piece))
        length += len(made[-1])
        if length > budget.chars:
            budget.room(length)
    return "".join(made)


def undefined(name: str, template: str, place: Place) -> Undefined:
    """The error of a name that is not there."""
    shown = template if len(template) <= LONGEST_SHOWN else template[:LONGEST_SHOWN] + " …"
    return Undefined(
        f"Unable to find `{name}` used in the expression `{shown}` at line {place.line}",
        template=template,
        line=place.line,
        column=place.column,
    )


def look_up(holder: object, key: object) -> object:
    """A map's entry, a list's item or a text's property; `MISSING` when there is none."""
    if isinstance(holder, Mapping):
        return _entry(holder, key)
    if is_list(holder):
        return _item(holder, key)
    if isinstance(holder, Array):
        return _item(holder, key)
    return _property(holder, key)


def _entry(holder: Mapping[object, object], key: object) -> object:
    if isinstance(key, (int, float, Decimal)) and is_number(key):
        key = _as_key(holder, key)
    try:
        return holder[key]
    except KeyError:
        if key is None:
            # Kestra: no `??` catches that a map has no null among its keys
            raise RenderError("Null is no key of this map") from None
        return MISSING
    except TypeError:
        return MISSING


def _as_key(holder: Mapping[object, object], key: int | float | Decimal) -> object:
    """Pebble turns a number into one of the class that the map's first key has."""
    first = next(iter(holder), MISSING)
    match java_class(first):
        case "Long":
            return long_value(key)
        case "Integer":
            return int_value(key)
        case "Double" | "Float":
            return float(key)
        case _:
            raise RenderError(
                f"An empty map can't be asked for the number {java_text(key)}"
                if first is MISSING
                else f"A map with keys such as '{java_text(first)}' can't be asked for the number {java_text(key)}"
            )


def _item(holder: list[object] | tuple[object, ...], key: object) -> object:
    text = java_text(key)
    if text.isdecimal() and text.isascii() and len(text) < 12:
        index = int(text)
        return holder[index] if index < len(holder) else MISSING
    return _property(holder, key)


def _property(holder: object, key: object) -> object:
    from kapell.expr.method import property_of

    return property_of(holder, key) if isinstance(key, str) else MISSING


def entries(value: Mapping[object, object]) -> list[object]:
    """A map as a loop sees it."""
    return [Entry(key=key, value=item) for key, item in value.items()]
