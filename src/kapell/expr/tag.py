"""Tokens → statements: text, prints and the tags if, for, set, macro, filter, block."""

from __future__ import annotations

from collections.abc import Callable

from kapell.expr.ast import (
    Arguments,
    Block,
    Body,
    Expression,
    FilterBlock,
    For,
    If,
    Macro,
    Place,
    Print,
    Set,
    Statement,
    Text,
)
from kapell.expr.lexer import tokenize
from kapell.expr.parser import ExpressionParser
from kapell.expr.tokens import Kind, Token


def parse(template: str) -> Body:
    """The statements of a template; raises `RenderError` with its place where the syntax is wrong."""
    return _TagParser(tokenize(template), template).body()


class _TagParser(ExpressionParser):
    def body(self, *stops: str) -> Body:
        """Statements up to a tag named in `stops` (left as the current token) or the end of the template."""
        self.deeper()
        found: list[Statement] = []
        while self.current.kind is not Kind.EOF:
            token = self.current
            if token.kind is Kind.TEXT:
                found.append(Text(token.value or ""))
                self.next()
            elif token.kind is Kind.PRINT_START:
                self.next()
                found.append(Print(self.expression(), Place(token.line, token.column)))
                self.expect(Kind.PRINT_END)
            else:
                name = self.tag_name()
                if name.value in stops:
                    break
                found.append(self.tag(name))
        self.depth -= 1
        return tuple(found)

    def tag_name(self) -> Token:
        token = self.next()
        if token.kind is not Kind.NAME:
            raise self.error("A block must start with a tag name.", token)
        return token

    def tag(self, name: Token) -> Statement:
        parse_tag = TAGS.get(name.value or "")
        if parse_tag is None:
            raise self.error(f'Unexpected tag name "{name.value}"', name)
        self.next()
        return parse_tag(self, Place(name.line, name.column))

    def end(self, name: str) -> None:
        """Pass the closing tag, which must be there."""
        if self.current.kind is Kind.EOF:
            raise self.error(f'Unexpected end of template. Pebble was looking for the "{name}" tag', self.current)
        self.next()
        self.expect(Kind.EXECUTE_END)

    def if_tag(self, place: Place) -> Statement:
        branches: list[tuple[Expression, Body]] = []
        while True:
            condition = self.expression()
            self.expect(Kind.EXECUTE_END)
            branches.append((condition, self.body("elseif", "else", "endif")))
            if not self.current.test(Kind.NAME, "elseif"):
                break
            self.next()
        otherwise = self.else_body("endif")
        self.end("endif")
        return If(tuple(branches), otherwise, place)

    def else_body(self, end: str) -> Body | None:
        if not self.current.test(Kind.NAME, "else"):
            return None
        self.next()
        self.expect(Kind.EXECUTE_END)
        return self.body(end)

    def for_tag(self, place: Place) -> Statement:
        name = self.new_name()
        self.expect(Kind.NAME, "in")
        over = self.expression()
        self.expect(Kind.EXECUTE_END)
        body = self.body("else", "endfor")
        otherwise = self.else_body("endfor")
        self.end("endfor")
        return For(name, over, body, otherwise, place)

    def set_tag(self, place: Place) -> Statement:
        name = self.new_name()
        self.expect(Kind.PUNCTUATION, "=")
        value = self.expression()
        self.expect(Kind.EXECUTE_END)
        return Set(name, value, place)

    def macro_tag(self, place: Place) -> Statement:
        name = self.new_name()
        parameters = self.parameters()
        self.expect(Kind.EXECUTE_END)
        body = self.body("endmacro")
        self.end("endmacro")
        return Macro(name, parameters, body, place)

    def filter_tag(self, place: Place) -> Statement:
        filters: list[tuple[str, Arguments, Place]] = []
        while True:
            name = self.expect(Kind.NAME)
            filters.append((name.value or "", self.optional_arguments(), Place(name.line, name.column)))
            if not self.current.test(Kind.OPERATOR, "|"):
                break
            self.next()
        self.expect(Kind.EXECUTE_END)
        body = self.body("endfilter")
        self.end("endfilter")
        return FilterBlock(tuple(filters), body, place)

    def block_tag(self, place: Place) -> Statement:
        token = self.current
        name = self.expect(Kind.STRING if token.kind is Kind.STRING else Kind.NAME).value or ""
        self.expect(Kind.EXECUTE_END)
        body = self.body("endblock")
        if self.current.kind is not Kind.EOF and self.peek.test(Kind.NAME, name):
            self.next()
        self.end("endblock")
        return Block(name, body, place)


TAGS: dict[str, Callable[[_TagParser, Place], Statement]] = {
    "block": _TagParser.block_tag,
    "filter": _TagParser.filter_tag,
    "for": _TagParser.for_tag,
    "if": _TagParser.if_tag,
    "macro": _TagParser.macro_tag,
    "set": _TagParser.set_tag,
}
"""Every tag but `raw` and `verbatim`, which the lexer reads."""
