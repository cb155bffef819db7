"""The tree of a template: expressions that have a value, and statements that print."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct


class Place(Struct, frozen=True):
    """Where in the template a node starts, counted from 1."""

    line: int
    column: int


class Literal(Struct, frozen=True):
    """A number, text, boolean or null written in the template."""

    value: object
    place: Place


class Variable(Struct, frozen=True):
    """A name that stands alone or before its path."""

    name: str
    place: Place


class Attribute(Struct, frozen=True):
    """`of.name`, `of[key]`, or `of.name(arguments)` when `arguments` is not None."""

    of: Expression
    key: Expression
    place: Place
    arguments: tuple[Expression, ...] | None = None


class Arguments(Struct, frozen=True):
    """What stands in the brackets of a filter, test, function or macro."""

    positional: tuple[Expression, ...] = ()
    named: tuple[tuple[str, Expression], ...] = ()


class Call(Struct, frozen=True):
    """A function or a macro of this template."""

    name: str
    arguments: Arguments
    place: Place


class Filter(Struct, frozen=True):
    """`of | name(arguments)`."""

    of: Expression
    name: str
    arguments: Arguments
    place: Place


class Test(Struct, frozen=True):
    """`of is name(arguments)`, `is not` when negated."""

    of: Expression
    name: str
    arguments: Arguments
    negated: bool
    place: Place


class Unary(Struct, frozen=True):
    """`not x`, `-x`, `+x`."""

    operator: str
    of: Expression
    place: Place


class Binary(Struct, frozen=True):
    """All other operators but filters and tests."""

    operator: str
    left: Expression
    right: Expression
    place: Place


class Ternary(Struct, frozen=True):
    """`condition ? yes : no`."""

    condition: Expression
    yes: Expression
    no: Expression
    place: Place


class ListLiteral(Struct, frozen=True):
    """`[a, b]`."""

    items: tuple[Expression, ...]
    place: Place


class MapLiteral(Struct, frozen=True):
    """`{key: value}`; keys are expressions too."""

    items: tuple[tuple[Expression, Expression], ...]
    place: Place


Expression: TypeAlias = (
    Literal | Variable | Attribute | Call | Filter | Test | Unary | Binary | Ternary | ListLiteral | MapLiteral
)


class Text(Struct, frozen=True):
    """Text between the tags."""

    value: str


class Print(Struct, frozen=True):
    """`{{ expression }}`."""

    value: Expression
    place: Place


class If(Struct, frozen=True):
    """Branches in their order; `otherwise` is None without an `else`."""

    branches: tuple[tuple[Expression, Body], ...]
    otherwise: Body | None
    place: Place


class For(Struct, frozen=True):
    """`{% for name in over %}`; `otherwise` is printed when there was nothing to loop over."""

    name: str
    over: Expression
    body: Body
    otherwise: Body | None
    place: Place


class Set(Struct, frozen=True):
    """`{% set name = value %}`."""

    name: str
    value: Expression
    place: Place


class Macro(Struct, frozen=True):
    """A macro's definition; a parameter's default is None where there is none."""

    name: str
    parameters: tuple[tuple[str, Expression | None], ...]
    body: Body
    place: Place


class FilterBlock(Struct, frozen=True):
    """`{% filter a | b %}…{% endfilter %}`; `filters` are the calls, first applied first."""

    filters: tuple[tuple[str, Arguments, Place], ...]
    body: Body
    place: Place


class Block(Struct, frozen=True):
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
