"""What a template reads and uses, told from its tree without running it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, TypeVar

from msgspec import Struct

from kapell.errors import RenderError
from kapell.expr import ast
from kapell.expr.tag import parse

Path: TypeAlias = tuple[str | int | None, ...]
"""`("outputs", "task", "prop")`; None where a part is only known when it runs."""


class VariableUse(Struct, frozen=True):
    """A path read; `guarded` when `??`, default() or `is defined` would catch that it is missing."""

    path: Path
    line: int
    column: int
    guarded: bool = False


class NameUse(Struct, frozen=True):
    """A filter, function or test used; `arguments` has its positional ones, None where one is no constant."""

    name: str
    line: int
    column: int
    arguments: tuple[object, ...] = ()


Use = TypeVar("Use", VariableUse, NameUse)


class Meta(Struct, frozen=True):
    """All uses in the order of the template; names that the template itself sets are not among the variables."""

    variables: tuple[VariableUse, ...] = ()
    filters: tuple[NameUse, ...] = ()
    functions: tuple[NameUse, ...] = ()
    tests: tuple[NameUse, ...] = ()
    macros: frozenset[str] = frozenset()

    @property
    def secret(self) -> bool:
        """Whether `secret()` is called."""
        return any(use.name == "secret" for use in self.functions)


def meta(template: str) -> Meta:
    """The meta of a template; raises `RenderError` where its syntax is wrong."""
    from kapell.expr.template import has_tags

    if not has_tags(template):
        return Meta()
    body = parse(template)
    gather = _Gatherer()
    gather.macros = frozenset(_macros(body))
    try:
        gather.body(body, frozenset())
    except RecursionError:
        raise RenderError("The template is nested too deeply", template=template, syntax=True) from None
    return Meta(
        _in_order(gather.variables),
        _in_order(gather.filters),
        _in_order(gather.functions),
        _in_order(gather.tests),
        gather.macros,
    )


def _in_order(uses: list[Use]) -> tuple[Use, ...]:
    return tuple(sorted(uses, key=lambda use: (use.line, use.column)))


def _macros(body: ast.Body) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Macro):
            yield node.name
        for part in _bodies(node):
            yield from _macros(part)


def _bodies(node: ast.Statement) -> tuple[ast.Body, ...]:
    match node:
        case ast.If():
            return (*(body for _, body in node.branches), node.otherwise or ())
        case ast.For():
            return (node.body, node.otherwise or ())
        case ast.Macro() | ast.FilterBlock() | ast.Block():
            return (node.body,)
        case _:
            return ()


class _Gatherer:
    def __init__(self) -> None:
        self.variables: list[VariableUse] = []
        self.filters: list[NameUse] = []
        self.functions: list[NameUse] = []
        self.tests: list[NameUse] = []
        self.macros: frozenset[str] = frozenset()

    def body(self, body: ast.Body, own: frozenset[str]) -> frozenset[str]:
        """Gather from statements; `own` are the names set so far, and the answer those set behind them."""
        for node in body:
            own = self.statement(node, own)
        return own

    def statement(self, node: ast.Statement, own: frozenset[str]) -> frozenset[str]:
        match node:
            case ast.Print():
                self.expression(node.value, own)
            case ast.Set():
                self.expression(node.value, own)
                return own | {node.name}
            case ast.If():
                for condition, body in node.branches:
                    self.expression(condition, own)
                    self.body(body, own)
                self.body(node.otherwise or (), own)
            case ast.For():
                self.expression(node.over, own)
                self.body(node.body, own | {node.name, "loop"})
                self.body(node.otherwise or (), own)
            case ast.Macro():
                self.macro(node)
            case ast.FilterBlock():
                for name, arguments, place in node.filters:
                    self.named(self.filters, name, arguments, place, own)
                self.body(node.body, own)
            case ast.Block():
                return self.body(node.body, own)
            case ast.Text():
                pass
        return own

    def macro(self, node: ast.Macro) -> None:
        for _, default in node.parameters:
            if default is not None:
                self.expression(default, frozenset())
        # a macro sees its arguments only: what else it names is no variable of the template
        seen = len(self.variables)
        self.body(node.body, frozenset())
        del self.variables[seen:]

    def expression(self, node: ast.Expression, own: frozenset[str], guarded: bool = False) -> None:
        match node:
            case ast.Variable() | ast.Attribute(arguments=None):
                self.path(node, own, guarded)
            case ast.Filter():
                self.named(self.filters, node.name, node.arguments, node.place, own)
                self.expression(node.of, own, guarded or node.name == "default")
            case ast.Test():
                self.named(self.tests, node.name, node.arguments, node.place, own)
                self.expression(node.of, own, guarded or node.name == "defined")
            case ast.Call():
                self.named(
                    self.functions if node.name not in self.macros else [], node.name, node.arguments, node.place, own
                )
            case ast.Binary():
                self.chain(node, own, guarded)
            case _:
                for part in ast.children(node):
                    self.expression(part, own, guarded)

    def chain(self, node: ast.Binary, own: frozenset[str], guarded: bool) -> None:
        """A chain of operators along its left side: however long it is, it nests no deeper."""
        left: ast.Expression = node
        while isinstance(left, ast.Binary):
            self.expression(left.right, own, guarded)
            guarded = guarded or left.operator in ("??", "???")
            left = left.left
        self.expression(left, own, guarded)

    def named(
        self, into: list[NameUse], name: str, arguments: ast.Arguments, place: ast.Place, own: frozenset[str]
    ) -> None:
        constants = tuple(part.value if isinstance(part, ast.Literal) else None for part in arguments.positional)
        into.append(NameUse(name, place.line, place.column, constants))
        for part in (*arguments.positional, *(value for _, value in arguments.named)):
            self.expression(part, own)

    def path(self, node: ast.Expression, own: frozenset[str], guarded: bool) -> None:
        parts: list[str | int | None] = []
        while isinstance(node, ast.Attribute) and node.arguments is None:
            parts.append(self.part(node.key, own))
            node = node.of
        if not isinstance(node, ast.Variable):
            self.expression(node, own, guarded)
        elif node.name not in own:
            path = (node.name, *reversed(parts))
            self.variables.append(VariableUse(path, node.place.line, node.place.column, guarded))

    def part(self, key: ast.Expression, own: frozenset[str]) -> str | int | None:
        if isinstance(key, ast.Literal):
            value = key.value
            return int(value) if isinstance(value, int) else value if isinstance(value, str) else None
        self.expression(key, own)
        return None
