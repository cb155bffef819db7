"""XML ↔ maps: an element is a map of its attributes and children, or the value of its text; what repeats is a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import BinaryIO, TextIO
from xml.parsers import expat
from xml.sax.saxutils import escape

from kapell.sdk import TaskFailed
from kapell.sdk.kv import plain_text

CONTENT = "content"
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
CHUNK_BYTES = 1 << 16
DEEPEST = 512


class Element:
    """An element that is being read."""

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.text: list[str] = []
        self.fields: dict[str, object] = {key: scalar(value) for key, value in attributes.items()}

    def add(self, name: str, value: object, as_list: bool) -> None:
        """Put a child in; the second of its name makes a list."""
        if name not in self.fields:
            self.fields[name] = [value] if as_list else value
        elif isinstance(present := self.fields[name], list):
            present.append(value)
        else:
            self.fields[name] = [present, value]

    def value(self) -> object:
        """What it stands for."""
        text = "".join(self.text).strip()
        if not self.fields:
            return scalar(text)
        if text:
            self.add(CONTENT, scalar(text), as_list=False)
        return self.fields


def read_xml(content: BinaryIO, codec: str, lists: Iterable[str]) -> dict[str, object]:
    """The document as a map with its root; elements named in `lists` are lists even when they come once.

    Definitions of entities, by which a small file can become a large one, fail the task.
    """
    forced = frozenset(lists)
    root = Element("", {})
    open_elements = [root]

    def begin(name: str, attributes: Mapping[str, str]) -> None:
        if len(open_elements) > DEEPEST:
            raise TaskFailed(f"Elements are nested more than {DEEPEST} deep")
        open_elements.append(Element(name, attributes))

    def end(name: str) -> None:
        element = open_elements.pop()
        open_elements[-1].add(name, element.value(), name in forced)

    def refuse(*_definition: object) -> None:
        raise TaskFailed("The file defines entities, which is refused")

    parser = expat.ParserCreate(None if codec == "utf-8" else codec)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = lambda text: open_elements[-1].text.append(text)
    parser.EntityDeclHandler = refuse
    try:
        while chunk := content.read(CHUNK_BYTES):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise TaskFailed(f"Line {error.lineno}: this is no XML: {expat.errors.messages[error.code]}") from None
    return root.fields


def scalar(text: str) -> object:
    """A text as the number or boolean that it looks like, or as it is."""
    if text in ("true", "false"):
        return text == "true"
    match = NUMBER.fullmatch(text)
    if match is None or text == "-0":
        return text
    return float(text) if match[1] or match[2] else int(text)


def at(value: object, pointer: str) -> object:
    """What lies at a JSON pointer such as `/catalog/book/0`, None where nothing does."""
    for key in pointer.removeprefix("#").split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def write_element(text: TextIO, name: str, value: object, indent: str) -> None:
    """Write a value as an element; a list is as many elements of the same name."""
    tag = tag_of(name)
    if isinstance(value, list):
        for item in value:
            write_element(text, name, item, indent)
    elif isinstance(value, Mapping) and value:
        text.write(f"{indent}<{tag}>\n")
        for key, item in value.items():
            write_element(text, str(key), item, f"{indent}  ")
        text.write(f"{indent}</{tag}>\n")
    elif value is None or value == {}:
        text.write(f"{indent}<{tag}/>\n")
    else:
        text.write(f"{indent}<{tag}>{escape(_legal(_text(value)))}</{tag}>\n")


def tag_of(name: str) -> str:
    """The name as one that an element can have."""
    clean = re.sub(r"[^\w.-]", "_", name)
    return clean if re.match(r"[^\W\d]", clean) else f"_{clean}"


def _text(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    return f"{value:f}" if isinstance(value, Decimal) else plain_text(value)


def _legal(text: str) -> str:
    """Without the characters that no XML may hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "�", text)
