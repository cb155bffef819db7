"""The elements of a JSON text, one in memory at a time: those of an array, or values one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import TextIO

from kapell.sdk import TaskFailed

CHUNK = 1 << 16
BLANK = re.compile(r"[ \t\r\n]*")
DECODER = JSONDecoder()


class Window:
    """A part of a text that moves on; it grows while a value does not end in it."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._part = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def peek(self) -> str:
        """The next character that is no blank, "" at the end."""
        while True:
            match = BLANK.match(self._part, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._part) or not self._more(CHUNK):
                return self._part[self._at : self._at + 1]

    def skip(self) -> None:
        """Go on by a character."""
        self._at += 1

    def value(self) -> object:
        """The value that begins here."""
        wanted = CHUNK
        while True:
            try:
                value, end = DECODER.raw_decode(self._part, self._at)
            except JSONDecodeError as error:
                if not self._more(wanted):
                    raise self.wrong(error.msg, error.pos) from None
            else:
                # A number goes on as long as there are digits.
                if end < len(self._part) or not self._more(wanted):
                    self._at = end
                    return value
            wanted *= 2

    def wrong(self, message: str, at: int | None = None) -> TaskFailed:
        """The failure that names the line."""
        line = self._line + self._part.count("\n", 0, self._at if at is None else at)
        return TaskFailed(f"Line {line}: this is no JSON: {message}")

    def _more(self, size: int) -> bool:
        """Read on and forget what is behind; False at the end."""
        part = "" if self._ended else self._text.read(size)
        if not part:
            self._ended = True
            return False
        self._line += self._part.count("\n", 0, self._at)
        self._part = self._part[self._at :] + part
        self._at = 0
        return True


def elements(text: TextIO, split: bool = True) -> Iterator[object]:
    """The elements of an array; of anything else, or not to `split`, the values themselves."""
    window = Window(text)
    if window.peek() != "[" or not split:
        while window.peek():
            yield window.value()
        return
    window.skip()
    if window.peek() == "]":
        return
    while True:
        yield window.value()
        if (mark := window.peek()) == "]":
            return
        if mark != ",":
            raise window.wrong("Expecting ',' or ']' after an element")
        window.skip()
        window.peek()
