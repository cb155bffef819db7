"""YAML as Jackson writes and reads it: block style without quotes where it can; aliases stay names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from kapell.expr.budget import checked
from kapell.expr.number import number_text
from kapell.expr.printing import java_text, scalar_text

if TYPE_CHECKING:
    from yaml.events import Event

_RESERVED = frozenset(
    [
        "false",
        "False",
        "FALSE",
        "n",
        "N",
        "no",
        "No",
        "NO",
        "null",
        "Null",
        "NULL",
        "on",
        "On",
        "ON",
        "off",
        "Off",
        "OFF",
        "true",
        "True",
        "TRUE",
        "y",
        "Y",
        "yes",
        "Yes",
        "YES",
    ]
)
_NUMERIC = re.compile(r"[+-]?[0-9]*(?:\.[0-9]*)?")
DEEPEST = 200


def yaml_text(value: object) -> str:
    """A value as a YAML document without its start mark."""
    if isinstance(value, Mapping):
        return _joined(_map(value, 0)) if value else "{}\n"
    if isinstance(value, (list, tuple)):
        return _joined(_list(value, 0)) if value else "[]\n"
    return _scalar(value, 0) + "\n"


def _joined(pieces: Iterator[str]) -> str:
    made: list[str] = []
    for piece in pieces:
        made.append(piece)
        checked(made)
    return "".join(made)


def _map(value: Mapping[object, object], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, item in value.items():
        name = java_text(key)
        shown = _quoted(name) if not name or _NUMERIC.fullmatch(name) or _reserved(name) else _plain(name)
        yield f"{pad}{shown}:" if name and len(name) < 128 else f"{pad}? {shown}\n{pad}:"
        yield from _nested(item, indent)


def _list(value: list[object] | tuple[object, ...], indent: int) -> Iterator[str]:
    pad = " " * (indent + 1)
    for item in value:
        yield pad + "-"
        yield from _nested(item, indent, inside_list=True)


def _nested(item: object, indent: int, *, inside_list: bool = False) -> Iterator[str]:
    if isinstance(item, Mapping) and item:
        yield "\n"
        yield from _map(item, indent + 2)
    elif isinstance(item, (list, tuple)) and item:
        yield "\n"
        yield from _list(item, indent + 2 if inside_list else indent)
    else:
        yield f" {_scalar(item, indent + 2)}\n"


def _scalar(value: object, indent: int) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    return _text(value if isinstance(value, str) else scalar_text(value), indent)


def _number(value: int | float | Decimal) -> str:
    return {"NaN": ".NaN", "Infinity": ".inf", "-Infinity": "-.inf"}.get(number_text(value), number_text(value))


def _text(value: str, indent: int) -> str:
    if not value or _reserved(value) or _has_quotable(value):
        return _quoted(value)
    if "\n" in value and _printable(value):
        return _literal(value, indent)
    return _plain(value)


def _literal(value: str, indent: int) -> str:
    pad = " " * max(indent, 2)
    lines = value.split("\n")
    chomp = "" if value.endswith("\n") and not value.endswith("\n\n") else "+" if value.endswith("\n") else "-"
    if value.endswith("\n"):
        lines.pop()
    hint = "2" if value[0] in " \n" else ""
    return f"|{hint}{chomp}\n" + "\n".join(pad + line if line else "" for line in lines)


def _reserved(value: str) -> bool:
    return value in _RESERVED or value.startswith("~")


def _has_quotable(value: str) -> bool:
    return bool(re.search(r"[\[\]{},]|(?:^|\s)#|:(?:\s|$)", value))


def _printable(value: str) -> bool:
    return not re.search(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", value)


def _plain(value: str) -> str:
    """The text without quotes where YAML allows it, else in single or double ones."""
    if not _printable(value) or "\n" in value:
        return _quoted(value)
    unsafe = value[0] in "-?:,[]{}#&*!|>'\"%@` \t" or value[-1] in " \t" or ": " in value or " #" in value
    if unsafe and value[0] in "-?:" and len(value) > 1 and not value[1].isspace() and value.strip() == value:
        unsafe = ": " in value or " #" in value
    if unsafe or value in ("---", "...", "=", "<<"):
        return "'" + value.replace("'", "''") + "'"
    return value


def _quoted(value: str) -> str:
    made = []
    for character in value:
        if character in _ESCAPES:
            made.append(_ESCAPES[character])
        elif _printable(character) and character != "\n":
            made.append(character)
        else:
            point = ord(character)
            made.append(f"\\x{point:02x}" if point < 256 else f"\\u{point:04x}" if point < 65536 else f"\\U{point:08x}")
    return '"' + "".join(made) + '"'


_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\0": "\\0",
    "\x07": "\\a",
    "\x1b": "\\e",
}


def parse_yaml(text: str) -> object:
    """The first document's value; raises ValueError when it is no YAML."""
    import yaml

    try:
        events = iter(yaml.parse(text, Loader=_loader()))
        return _Builder(events).document()
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


@lru_cache(1)
def _loader() -> type:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Builder:
    def __init__(self, events: Iterator[Event]) -> None:
        self.events = events
        self.depth = 0

    def document(self) -> object:
        from yaml.events import DocumentStartEvent

        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                return self.value(next(self.events))
        raise ValueError("No content to map due to end-of-input")

    def value(self, event: Event) -> object:
        from yaml.events import AliasEvent, MappingStartEvent, ScalarEvent, SequenceStartEvent

        if isinstance(event, AliasEvent):
            # Kestra: an alias is not followed, its name is the value
            return event.anchor
        if isinstance(event, ScalarEvent):
            return _resolved(event.value, event.style) if event.tag in (None, "!") else event.value
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("nested too deeply")
        made = self.list() if isinstance(event, SequenceStartEvent) else self.map()
        assert isinstance(event, (SequenceStartEvent, MappingStartEvent))
        self.depth -= 1
        return made

    def list(self) -> object:
        from yaml.events import SequenceEndEvent

        made: list[object] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            made.append(self.value(event))
        return made

    def map(self) -> object:
        from yaml.events import MappingEndEvent, ScalarEvent

        made: dict[object, object] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            key = event.value if isinstance(event, ScalarEvent) else java_text(self.value(event))
            made[key] = self.value(next(self.events))
        return made


_INTEGER = re.compile(r"[+-]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(
    r"[+-]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][+-]?[0-9]+)?|[0-9][0-9_]*[eE][+-]?[0-9]+|\.[0-9][0-9_]*(?:[eE][+-]?[0-9]+)?)"
)
_WORDS: dict[str, object] = {"~": None, "null": None, "Null": None, "NULL": None, "": None}
_WORDS |= dict.fromkeys(["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True)
_WORDS |= dict.fromkeys(["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False)
_WORDS |= {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan"), ".NaN": float("nan")}


def _resolved(text: str, style: str | None) -> object:
    if style not in (None, ""):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text.replace("_", ""))
    return float(text.replace("_", "")) if _FLOAT.fullmatch(text) else text


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    base = (
        2
        if digits.startswith("0b")
        else 16
        if digits.startswith("0x")
        else 8
        if len(digits) > 1 and digits[0] == "0"
        else 10
    )
    return int(digits[2:] if base in (2, 16) else digits, base) * (-1 if text[0] == "-" else 1)
