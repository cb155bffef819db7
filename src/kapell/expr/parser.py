"""Tokens → expressions: precedence climbing, as tight as the table in tokens.py says."""

from __future__ import annotations

from kapell.errors import RenderError
from kapell.expr.ast import (
    Arguments,
    Attribute,
    Binary,
    Call,
    Expression,
    Filter,
    ListLiteral,
    Literal,
    MapLiteral,
    Place,
    Ternary,
    Test,
    Unary,
    Variable,
)
from kapell.expr.number import Long
from kapell.expr.tokens import BINARY, UNARY, Kind, Token

NESTING = 200
"""How deep brackets, unary operators and tags may nest."""

_RESERVED = ("true", "false", "null", "none")
_CONSTANTS = {
    "true": True,
    "TRUE": True,
    "false": False,
    "FALSE": False,
    "none": None,
    "NONE": None,
    "null": None,
    "NULL": None,
}


class ExpressionParser:
    """Reads one expression at a time from a list of tokens."""

    def __init__(self, tokens: list[Token], template: str) -> None:
        self.tokens = tokens
        self.template = template
        self.index = 0
        self.depth = 0

    @property
    def current(self) -> Token:
        """The token that is looked at."""
        return self.tokens[self.index]

    @property
    def peek(self) -> Token:
        """The token behind it."""
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def next(self) -> Token:
        """Move on; at the end the last token stays."""
        self.index = min(self.index + 1, len(self.tokens) - 1)
        return self.current

    def expect(self, kind: Kind, value: str | None = None) -> Token:
        """The current token if it is such a one, moving on; else a syntax error."""
        token = self.current
        if token.kind is not kind or (value is not None and token.value != value):
            shown = "null" if token.value is None else token.value
            raise self.error(
                f'Unexpected token of value "{shown}" and type {token.kind}, expected token of type {kind}', token
            )
        self.next()
        return token

    def error(self, message: str, token: Token) -> RenderError:
        """A syntax error at this token."""
        return RenderError(message, template=self.template, line=token.line, column=token.column, syntax=True)

    def deeper(self) -> None:
        """Count a level of nesting."""
        self.depth += 1
        if self.depth > NESTING:
            raise self.error(f"The template is nested deeper than {NESTING} levels", self.current)

    def expression(self, tightness: int = 0) -> Expression:
        """An expression whose operators all bind at least as tightly."""
        self.deeper()
        left = self.operand()
        while self.current.kind is Kind.OPERATOR and BINARY.get(self.current.value or "", -1) >= tightness:
            left = self.binary(left)
        if tightness == 0 and self.current.test(Kind.PUNCTUATION, "?"):
            left = self.ternary(left)
        self.depth -= 1
        return left

    def operand(self) -> Expression:
        token = self.current
        if token.kind is Kind.OPERATOR and token.value in UNARY:
            self.next()
            return Unary(token.value, self.expression(UNARY[token.value]), _place(token))
        if token.test(Kind.PUNCTUATION, "("):
            self.next()
            inner = self.expression()
            self.expect(Kind.PUNCTUATION, ")")
            return self.postfix(inner)
        # Kestra: neither an index nor a `.` may follow a list or map literal
        if token.test(Kind.PUNCTUATION, "["):
            return self.list_literal()
        if token.test(Kind.PUNCTUATION, "{"):
            return self.map_literal()
        return self.postfix(self.simple())

    def binary(self, left: Expression) -> Expression:
        operator = self.current
        self.next()
        if operator.value == "|":
            name = self.expect(Kind.NAME)
            return Filter(left, name.value or "", self.optional_arguments(), _place(name))
        if operator.value in ("is", "is not"):
            name = self.expect(Kind.NAME)
            return Test(left, name.value or "", self.optional_arguments(), operator.value == "is not", _place(name))
        symbol = operator.value or ""
        return Binary(symbol, left, self.expression(BINARY[symbol] + 1), _place(operator))

    def ternary(self, condition: Expression) -> Expression:
        mark = self.current
        self.next()
        yes = self.expression()
        self.expect(Kind.PUNCTUATION, ":")
        return Ternary(condition, yes, self.expression(), _place(mark))

    def simple(self) -> Expression:
        token = self.current
        match token.kind:
            case Kind.NAME:
                return self.name(token)
            case Kind.LONG:
                self.next()
                return Literal(self.long(token), _place(token))
            case Kind.NUMBER:
                self.next()
                value = token.value or ""
                return Literal(float(value) if "." in value else self.long(token), _place(token))
            case Kind.STRING | Kind.STRING_INTERPOLATION_START:
                return self.string()
            case _:
                shown = "null" if token.value is None else token.value
                raise self.error(f'Unexpected token "{token.kind}" of value "{shown}"', token)

    def name(self, token: Token) -> Expression:
        self.next()
        name = token.value or ""
        if name in _CONSTANTS:
            return Literal(_CONSTANTS[name], _place(token))
        if self.current.test(Kind.PUNCTUATION, "("):
            return Call(name, self.arguments(), _place(token))
        return Variable(name, _place(token))

    def long(self, token: Token) -> Long:
        digits = token.value or ""
        if len(digits) > 25 or int(digits) > 9223372036854775807:
            raise self.error(f"{digits[:40]} is too big for a whole number", token)
        return Long(digits)

    def string(self) -> Expression:
        """A text, or a double-quoted one with `#{…}` in it, which is a concatenation."""
        parts: list[Expression] = []
        place = _place(self.current)
        was_text = False
        while True:
            token = self.current
            if token.kind is Kind.STRING and not was_text:
                parts.append(Literal(token.value or "", _place(token)))
                self.next()
                was_text = True
            elif token.kind is Kind.STRING_INTERPOLATION_START:
                self.next()
                parts.append(self.expression())
                self.expect(Kind.STRING_INTERPOLATION_END)
                was_text = False
            else:
                break
        whole = parts[0]
        for part in parts[1:]:
            whole = Binary("~", whole, part, place)
        return whole

    def postfix(self, node: Expression) -> Expression:
        while True:
            if self.current.test(Kind.PUNCTUATION, "."):
                node = self.member(node)
            elif self.current.test(Kind.PUNCTUATION, "["):
                place = _place(self.current)
                self.next()
                node = Attribute(node, self.expression(), place)
                self.expect(Kind.PUNCTUATION, "]")
            elif self.current.test(Kind.PUNCTUATION, "("):
                raise self.error('Unexpected "(": only a function or macro can be called', self.current)
            else:
                return node

    def member(self, node: Expression) -> Expression:
        self.next()
        name = self.expect(Kind.NAME)
        key = Literal(name.value or "", _place(name))
        if not self.current.test(Kind.PUNCTUATION, "("):
            return Attribute(node, key, _place(name))
        arguments = self.arguments()
        if arguments.named:
            raise self.error("Can not use named arguments when calling a bean method", self.current)
        return Attribute(node, key, _place(name), arguments.positional)

    def optional_arguments(self) -> Arguments:
        return self.arguments() if self.current.test(Kind.PUNCTUATION, "(") else Arguments()

    def arguments(self) -> Arguments:
        positional: list[Expression] = []
        named: list[tuple[str, Expression]] = []
        self.expect(Kind.PUNCTUATION, "(")
        while not self.current.test(Kind.PUNCTUATION, ")"):
            if positional or named:
                self.expect(Kind.PUNCTUATION, ",")
            if self.peek.test(Kind.PUNCTUATION, "="):
                name = self.new_name()
                self.expect(Kind.PUNCTUATION, "=")
                named.append((name, self.expression()))
                continue
            value = self.expression()
            if named:
                raise self.error("Positional arguments must be declared before any named arguments.", self.current)
            positional.append(value)
        self.expect(Kind.PUNCTUATION, ")")
        return Arguments(tuple(positional), tuple(named))

    def parameters(self) -> tuple[tuple[str, Expression | None], ...]:
        """The names of a macro's arguments with their defaults."""
        found: list[tuple[str, Expression | None]] = []
        self.expect(Kind.PUNCTUATION, "(")
        while not self.current.test(Kind.PUNCTUATION, ")"):
            if found:
                self.expect(Kind.PUNCTUATION, ",")
            name = self.new_name()
            default = None
            if self.current.test(Kind.PUNCTUATION, "="):
                self.next()
                default = self.expression()
            found.append((name, default))
        self.expect(Kind.PUNCTUATION, ")")
        return tuple(found)

    def new_name(self) -> str:
        token = self.expect(Kind.NAME)
        name = token.value or ""
        if name in _RESERVED:
            raise self.error(f"Can not assign a value to {name}", token)
        return name

    def list_literal(self) -> Expression:
        place = _place(self.expect(Kind.PUNCTUATION, "["))
        items: list[Expression] = []
        if not self.current.test(Kind.PUNCTUATION, "]"):
            items.append(self.expression())
            while not self.current.test(Kind.PUNCTUATION, "]"):
                self.expect(Kind.PUNCTUATION, ",")
                items.append(self.expression())
        self.next()
        return ListLiteral(tuple(items), place)

    def map_literal(self) -> Expression:
        place = _place(self.expect(Kind.PUNCTUATION, "{"))
        items: list[tuple[Expression, Expression]] = []
        while not self.current.test(Kind.PUNCTUATION, "}") or items:
            key = self.expression()
            self.expect(Kind.PUNCTUATION, ":")
            items.append((key, self.expression()))
            if self.current.test(Kind.PUNCTUATION, "}"):
                break
            self.expect(Kind.PUNCTUATION, ",")
        self.next()
        return MapLiteral(tuple(items), place)


def _place(token: Token) -> Place:
    return Place(token.line, token.column)
