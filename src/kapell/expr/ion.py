"""Ion text: values → text as Kestra's mapper writes it, and text → values."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

from kapell.expr.budget import Walk
from kapell.expr.number import decimal_text, double_text, whole_text
from kapell.expr.printing import as_map, java_text, scalar_text

_PLAIN_SYMBOL = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_KEYWORDS = ("null", "true", "false", "nan")
_ESCAPES = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
    "\x07": "\\a",
    "\x0b": "\\v",
    "\0": "\\0",
    "\\": "\\\\",
}


def ion_text(value: object, walk: Walk | None = None) -> str:
    """A value as Ion text; nulls in maps stay."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return _quoted(value, '"')
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return whole_text(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return decimal_text(value).replace("E", "d")
    if isinstance(value, (list, tuple, Mapping)):
        walk = walk or Walk()
        walk.enter(len(value))
        if isinstance(value, Mapping):
            pairs = as_map(value).items()
            return "{" + ",".join(f"{_symbol(java_text(k))}:{ion_text(v, walk)}" for k, v in pairs) + "}"
        return "[" + ",".join(ion_text(item, walk) for item in value) + "]"
    return scalar_text(value) if isinstance(value, datetime) else _quoted(scalar_text(value), '"')


def _float(value: float) -> str:
    text = double_text(value)
    if text == "NaN":
        return "nan"
    if "Infinity" in text:
        return "-inf" if value < 0 else "+inf"
    text = text.removesuffix(".0")
    return text if "E" in text else text + "e0"


def _symbol(name: str) -> str:
    if _PLAIN_SYMBOL.fullmatch(name) and name not in _KEYWORDS and not re.fullmatch(r"\$[0-9]+", name):
        return name
    return _quoted(name, "'")


def _quoted(text: str, quote: str) -> str:
    made = []
    for character in text:
        if character == quote:
            made.append("\\" + quote)
        elif character in _ESCAPES:
            made.append(_ESCAPES[character])
        else:
            made.append(f"\\x{ord(character):02x}" if character < " " else character)
    return quote + "".join(made) + quote


_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/
    |(?P<blob>\{\{[^}"']*\}\})
    |(?P<long>'''(?:[^\\]|\\.)*?''')
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<symbol>'(?:[^'\\]|\\.)*')
    |(?P<time>\d{4}-\d\d(?:-\d\d)?(?:T(?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?|\d{4}T)
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|inf\b|\d[\d_]*(?:\.[\d_]*)?(?:[eEdD][+-]?\d+)?))
    |(?P<name>[A-Za-z_$][A-Za-z0-9_$]*(?:\.(?=[a-z])[a-z]+)?)
    |(?P<mark>::|[\[\](){},:])
    |(?P<operator>[!\#%&*+./;<=>?@^`|~-]+)""",
    re.S | re.X,
)
_UNESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "a": "\x07", "v": "\x0b", "0": "\0"}
DEEPEST = 200


def parse_ion(text: str) -> list[object]:
    """All top-level values of an Ion text; raises ValueError with its place for malformed text."""
    return _IonReader(text).all()


class _IonReader:
    def __init__(self, text: str) -> None:
        self.size = len(text)
        self.tokens = _tokens(text)
        self.at = 0
        self.depth = 0

    def all(self) -> list[object]:
        found = []
        while self.at < len(self.tokens):
            found.append(self.value())
        return found

    def peek(self) -> tuple[str, str, int]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "", self.size)

    def value(self) -> object:
        while self.at + 1 < len(self.tokens) and self.tokens[self.at + 1][1] == "::":
            self.at += 2
        kind, text, place = self.peek()
        self.at += 1
        match kind:
            case "string":
                return _unescaped(text[1:-1])
            case "long":
                return self.long_string(text)
            case "symbol":
                return _unescaped(text[1:-1])
            case "number":
                return _number(text)
            case "time":
                return _time(text)
            case "name":
                return _name(text)
            case "operator":
                return text
            case "blob":
                return b64decode(re.sub(r"\s", "", text[2:-2]))
            case "mark" if text in "[({":
                return self.container(text)
            case _:
                raise ValueError(f"Syntax error at offset {place}" if kind != "end" else "Unexpected end of the text")

    def long_string(self, text: str) -> str:
        made = _unescaped(text[3:-3])
        while self.peek()[0] == "long":
            made += _unescaped(self.peek()[1][3:-3])
            self.at += 1
        return made

    def container(self, opening: str) -> object:
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("nested too deeply")
        made = self.struct() if opening == "{" else self.list("]" if opening == "[" else ")")
        self.depth -= 1
        return made

    def list(self, closing: str) -> object:
        found: list[object] = []
        while self.peek()[1] != closing or self.peek()[0] != "mark":
            found.append(self.value())
            if closing == "]" and self.peek()[1] == ",":
                self.at += 1
            elif closing == "]" and self.peek()[1] != closing:
                raise ValueError(f"Syntax error at offset {self.peek()[2]}: expected a comma or a bracket")
        self.at += 1
        return found

    def struct(self) -> object:
        made: dict[str, object] = {}
        while self.peek()[1] != "}" or self.peek()[0] != "mark":
            kind, name, place = self.peek()
            if kind not in ("name", "string", "symbol", "long"):
                raise ValueError(f"Syntax error at offset {place}: expected a field name")
            self.at += 1
            if self.peek()[1] != ":":
                raise ValueError(f"Syntax error at offset {self.peek()[2]}: expected a colon behind the field name")
            self.at += 1
            made[name if kind == "name" else _unescaped(name.strip("'\""))] = self.value()
            if self.peek()[1] == ",":
                self.at += 1
            elif self.peek()[1] != "}":
                raise ValueError(f"Syntax error at offset {self.peek()[2]}: expected a comma or a brace")
        self.at += 1
        return made


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise ValueError(f"Syntax error at offset {at}")
        if match.lastgroup:
            found.append((match.lastgroup, match[0], at))
        at = match.end()
    return found


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code:
            return chr(int(code, 16)) if int(code, 16) < 0x110000 else "�"
        return "" if match[4] == "\n" else _UNESCAPES.get(match[4], match[4])

    return re.sub(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", one, text, flags=re.S)


def _number(text: str) -> object:
    digits = text.replace("_", "").lower()
    if digits.endswith("inf"):
        return float(digits)
    if "0x" in digits or "0b" in digits:
        return int(digits, 0)
    if "d" in digits or ("." in digits and "e" not in digits):
        return Decimal(digits.replace("d", "e"))
    return float(digits) if "e" in digits else int(digits)


_CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)")


def _time(text: str) -> object:
    day, _, clock = text.partition("T")
    year, month, number = [*map(int, day.split("-")), 1, 1][:3]
    match = _CLOCK.fullmatch(clock)
    if match is None:
        return date(year, month, number)
    zone = UTC if match[5] == "Z" else timezone(_offset(match[5]))
    micro = int((match[4] or "").ljust(6, "0")[:6])
    return datetime(year, month, number, int(match[1]), int(match[2]), int(match[3] or 0), micro, zone)


def _offset(text: str) -> timedelta:
    span = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -span if text[0] == "-" else span


def _name(text: str) -> object:
    if text.startswith("null"):
        return None if text == "null" or text.startswith("null.") else text
    return {"true": True, "false": False, "nan": float("nan")}.get(text, text)
