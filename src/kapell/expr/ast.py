"""The tree of a template: expressions that have a value, and statements that print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the template a node starts, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, boolean or null written in the template."""

    value: object
    place: Place


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that stands alone or before its path."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Attribute:
    """`of.name`, `of[key]`, or `of.name(arguments)` when `arguments` is not None."""

    of: Expression
    key: Expression
    place: Place
    arguments: tuple[Expression, ...] | None = None


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stands in the brackets of a filter, test, function or macro."""

    positional: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A function or a macro of this template."""

    name: str
    arguments: Arguments
    place: Place


@dataclass(frozen=True, slots=True)
class Filter:
    """`of | name(arguments)`."""

    of: Expression
    name: str
    arguments: Arguments
    place: Place


@dataclass(frozen=True, slots=True)
class Test:
    """`of is name(arguments)`, `is not` when negated."""

    of: Expression
    name: str
    arguments: Arguments
    negated: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x`, `-x`, `+x`."""

    operator: str
    of: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Binary:
    """All other operators but filters and tests."""

    operator: str
    left: Expression
    right: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Ternary:
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """`[a, b]`."""

    items: tuple[Expression, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class MapLiteral:
    """`{key: value}`; keys are expressions too."""

    items: tuple[tuple[Expression, Expression], ...]
    place: Place


Expression: TypeAlias = (
    Literal
    | Variable
    | Attribute
    | Call
    | Filter
    | Test
    | Unary
    | Binary
    | Ternary
    | ListLiteral
    | MapLiteral
)


@dataclass(frozen=True, slots=True)
class Text:
    """Text between the tags."""

    value: str


@dataclass(frozen=True, slots=True)
class Print:
    """`{{ expression }}`."""

    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class If:
    """Branches in their order; `otherwise` is None without an `else`."""

    branches: tuple[tuple[Expression, Body], ...]
    otherwise: Body | None
    place: Place


@dataclass(frozen=True, slots=True)
class For:
    """`{% for name in over %}`; `otherwise` is printed when there was nothing to loop over."""

    name: str
    over: Expression
    body: Body
    otherwise: Body | None
    place: Place


@dataclass(frozen=True, slots=True)
class Set:
    """`{% set name = value %}`."""

    name: str
    value: Expression
    place: Place


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro's definition; a parameter's default is None where there is none."""

    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    body: Body
    place: Place


@dataclass(frozen=True, slots=True)
class FilterBlock:
    """`{% filter a | b %}…{% endfilter %}`; `filters` are the calls, first applied first."""

    filters: tuple[tuple[str, Arguments, Place], ...]
    body: Body
    place: Place


@dataclass(frozen=True, slots=True)
class Block:
    """A named part, printed where it stands and again by `block(name)`."""

    name: str
    body: Body
    place: Place


Statement: TypeAlias = Text | Print | If | For | Set | Macro | FilterBlock | Block
Body: TypeAlias = tuple[Statement, ...]


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions right below this one, in their order in the template."""
    match node:
        case Literal() | Variable():
            return ()
        case Attribute():
            return (node.of, node.key, *(node.arguments or ()))
        case Call():
            return _inside(node.arguments)
        case Filter() | Test():
            return (node.of, *_inside(node.arguments))
        case Unary():
            return (node.of,)
        case Binary():
            return (node.left, node.right)
        case Ternary():
            return (node.condition, node.yes, node.no)
        case ListLiteral():
            return node.items
        case MapLiteral():
            return tuple(part for pair in node.items for part in pair)


def _inside(arguments: Arguments) -> tuple[Expression, ...]:
    return (*arguments.positional, *(value for _, value in arguments.named))


def walk(node: Expression) -> Iterator[Expression]:
    """The expression and all below it, from the left."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(children(current)))
