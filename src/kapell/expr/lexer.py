"""Template text → tokens. Knows delimiters, white space control, raw text and strings, no grammar."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from msgspec import Struct

from kapell.errors import RenderError
from kapell.expr.tokens import BINARY, UNARY, Kind, Token

SPACE = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005"
    "\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"
)
"""What Java calls white space."""

BLANK = "".join(map(chr, range(33)))
"""What Java's `trim` takes away."""

_RAW = re.compile(r"\{%-*+\s*+raw\s*+-*+%\}")
_END_RAW = re.compile(r"\{%-*+\s*+endraw\s*+-*+%\}")
_VERBATIM = re.compile(r"\s*verbatim\s*(-)?%\}")
_END_VERBATIM = re.compile(r"\{%(-)?\s*endverbatim\s*(-)?%\}")
_LEADING_TRIM = re.compile(r"-\s+")
_TRAILING_TRIM = re.compile(r"\s*-(?:\}\}|%\}|#\})")
_OPEN = re.compile(r"\{\{|\{%|\{#")
_CLOSE = {Kind.PRINT_END: re.compile(r"\s*-?\}\}"), Kind.EXECUTE_END: re.compile(r"\s*-?%\}")}
_SHOWN = {Kind.PRINT_END: "}}", Kind.EXECUTE_END: "%}"}
_INTERPOLATION_END = re.compile(r"\s*\}")
_STRING_PART = re.compile(r"[^#\"\\]*(?:(?:\\.|#(?!\{))[^#\"\\]*)*", re.S)
_PAIRS = {"(": ")", "[": "]", "{": "}"}


def _operators() -> str:
    symbols = sorted({*UNARY, *BINARY}, key=len, reverse=True)
    return "|".join(
        re.escape(s).replace(r"\ ", r"\s+") + (r"(?![a-zA-Z0-9_])" if s[-1].isalpha() else "") for s in symbols
    )


_EXPRESSION = re.compile(
    rf"\s*(?:(?P<operator>{_operators()})|(?P<name>[^\W\d]\w*)|(?P<long>[0-9]+L)|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<punctuation>[()\[\]{}?:.,|=])"
    r"""|(?P<string>"[^#"\\]*(?:\\.[^#"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*')|(?P<quote>"))""",
    re.S,
)


class RawPart(Struct, frozen=True):
    """A raw tag's place: where it starts, its text, where the text stops, where the closing tag ends."""

    start: int
    inner: int
    stop: int
    end: int


def raw_parts(template: str) -> Iterator[RawPart]:
    """All raw parts from the left; an opening tag without a closing one is none."""
    at = 0
    while (opening := _RAW.search(template, at)) and (closing := _END_RAW.search(template, opening.end())):
        yield RawPart(opening.start(), opening.end(), closing.start(), closing.end())
        at = closing.end()


def tokenize(template: str) -> list[Token]:
    """All tokens, EOF last; raises `RenderError` where a word, bracket, comment or string is malformed."""
    return _Lexer(template).run()


class _Lexer:
    def __init__(self, template: str) -> None:
        self.source = template
        self.at = 0
        self.tokens: list[Token] = []
        self.brackets: list[str] = []
        self.trim_next = False
        self.raw = {part.start: part for part in raw_parts(template)} if "endraw" in template else {}
        self.lines = [0, *(m.end() for m in re.finditer("\n", template))]

    def run(self) -> list[Token]:
        while self.at < len(self.source):
            self.data()
        self.push(Kind.EOF, None, self.at)
        return self.tokens

    def place(self, at: int) -> tuple[int, int]:
        line = bisect_right(self.lines, at)
        return line, at - self.lines[line - 1] + 1

    def error(self, message: str, at: int) -> RenderError:
        line, column = self.place(at)
        return RenderError(message, template=self.source, line=line, column=column, syntax=True)

    def push(self, kind: Kind, value: str | None, at: int) -> Token:
        token = Token(kind, value, *self.place(at))
        self.tokens.append(token)
        return token

    def text(self, value: str, at: int) -> Token | None:
        """Push a text unless it is empty, its left side trimmed if the tag before asked for it."""
        if self.trim_next:
            value = value.lstrip(SPACE)
            self.trim_next = False
        return self.push(Kind.TEXT, value, at) if value else None

    def data(self) -> None:
        start = self.at
        opening = _OPEN.search(self.source, start)
        if opening is None:
            self.text(self.source[start:], start)
            self.at = len(self.source)
            return
        text = self.text(self.source[start : opening.start()], start)
        raw = self.raw.get(opening.start())
        if raw:
            self.text(self.source[raw.inner : raw.stop], raw.inner)
            self.at = raw.end
            return
        self.at = opening.end()
        trim = _LEADING_TRIM.match(self.source, self.at)
        if trim:
            self.at = trim.end()
            self.trim_right(text)
        self.region(opening[0], opening.start())

    def trim_right(self, text: Token | None) -> None:
        """Trim the text that was pushed last; drop it when nothing is left."""
        if text is None or text.value is None:
            return
        text.value = text.value.rstrip(SPACE)
        if not text.value:
            self.tokens.pop()

    def region(self, opening: str, start: int) -> None:
        if opening == "{#":
            self.comment(start)
        elif opening == "{{":
            self.push(Kind.PRINT_START, None, start)
            self.between(Kind.PRINT_END)
        elif verbatim := _VERBATIM.match(self.source, self.at):
            self.verbatim(verbatim)
        else:
            self.push(Kind.EXECUTE_START, None, start)
            self.between(Kind.EXECUTE_END)

    def comment(self, start: int) -> None:
        end = self.source.find("#}", self.at)
        if end < 0:
            raise self.error("Unclosed comment.", start)
        # the dash trims only with white space before it, as that of `{#-` does with some behind it
        self.trim_next = end > self.at + 1 and self.source[end - 1] == "-" and self.source[end - 2].isspace()
        self.at = end + 2

    def verbatim(self, start: re.Match[str]) -> None:
        end = _END_VERBATIM.search(self.source, start.end())
        if end is None:
            raise self.error("Unclosed verbatim tag.", start.start())
        text = self.source[start.end() : end.start()]
        # Kestra: the text of `verbatim` loses the white space at its left side always
        text = text.lstrip(SPACE)
        if end[1]:
            text = text.rstrip(SPACE)
        if text:
            self.push(Kind.TEXT, text, start.end())
        self.trim_next = bool(end[2])
        self.at = end.end()

    def between(self, end: Kind) -> None:
        """Tokens up to the closing delimiter of a print or execute region, or the end of the template."""
        base = len(self.brackets)
        while self.at < len(self.source):
            if _TRAILING_TRIM.match(self.source, self.at):
                self.trim_next = True
            closing = _CLOSE[end].match(self.source, self.at) if len(self.brackets) == base else None
            if closing:
                self.push(end, _SHOWN[end], closing.start())
                self.at = closing.end()
                return
            self.expression()
        if self.brackets:
            raise self.error(f'Unclosed "{self.brackets[-1]}"', self.at)

    def expression(self) -> None:
        match = _EXPRESSION.match(self.source, self.at)
        if match is None or match.lastgroup is None:
            self.unexpected()
            return
        kind, value, start = match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)
        if kind == "quote":
            self.at = match.end()
            self.interpolated(start)
            return
        if kind == "string":
            quote = value[0]
            value = value[1:-1].replace("\\" + quote, quote)
        elif kind == "operator":
            value = re.sub(r"\s+", " ", value)
        elif kind == "long":
            value = value[:-1]
        elif kind == "punctuation":
            self.bracket(value, start)
        self.push(Kind[kind.upper()], value, start)
        self.at = match.end()

    def unexpected(self) -> None:
        rest = self.source[self.at :].lstrip(SPACE)
        if rest:
            at = len(self.source) - len(rest)
            raise self.error(f"Unexpected character [{rest[0]}]", at)
        self.at = len(self.source)

    def bracket(self, character: str, at: int) -> None:
        if character in "([{":
            self.brackets.append(character)
        elif character in ")]}":
            if not self.brackets:
                raise self.error(f'Unexpected "{character}"', at)
            expected = _PAIRS.get(self.brackets.pop(), '"')
            if expected != character:
                raise self.error(f'Unclosed "{expected}"', at)

    def interpolated(self, start: int) -> None:
        """A double-quoted string with `#{…}` in it; its plain parts keep every backslash."""
        self.brackets.append('"')
        while self.at < len(self.source):
            if self.source.startswith("#{", self.at):
                self.interpolation()
                continue
            part = _STRING_PART.match(self.source, self.at)
            if part and part.end() > self.at:
                self.push(Kind.STRING, part[0], self.at)
                self.at = part.end()
            elif self.source[self.at] == '"':
                self.brackets.pop()
                self.at += 1
                return
            else:
                break
        raise self.error('Unclosed """', start)

    def interpolation(self) -> None:
        self.push(Kind.STRING_INTERPOLATION_START, None, self.at)
        self.at += 2
        self.brackets.append("#{")
        base = len(self.brackets)
        while self.at < len(self.source):
            closing = _INTERPOLATION_END.match(self.source, self.at) if len(self.brackets) == base else None
            if closing:
                self.push(Kind.STRING_INTERPOLATION_END, None, closing.end() - 1)
                self.brackets.pop()
                self.at = closing.end()
                return
            self.expression()
        raise self.error('Unclosed "#{"', self.at)
