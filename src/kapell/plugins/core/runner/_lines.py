"""From the bytes of a pipe to lines of text, however long they are."""

from __future__ import annotations

from collections.abc import Callable

LONGEST_BYTES = 1 << 19
LONGEST_MESSAGE_BYTES = 1 << 24
GOES_ON = "… (the line goes on)"


class Lines:
    r"""Cuts a stream at `\n`, `\r\n` and `\r`, as Java's readers do; what is no UTF-8 is replaced.

    A line over half a megabyte comes in pieces, each but the last with a note; one that begins with `::{`, a message
    to the task, may have 16 MB.
    """

    def __init__(self, hear: Callable[[str], None]) -> None:
        self._hear = hear
        self._rest = bytearray()

    def feed(self, data: bytes) -> None:
        """Hear the lines that end in `data`."""
        held_back = self._rest.endswith(b"\r")
        self._rest += data
        if held_back or b"\n" in data or b"\r" in data:
            lines = self._rest.splitlines(keepends=True)
            # A `\r` at the very end may be the half of a `\r\n`.
            self._rest = lines.pop() if not lines[-1].endswith(b"\n") else bytearray()
            for line in lines:
                self._line(line.removesuffix(b"\n").removesuffix(b"\r"))
        limit = LONGEST_MESSAGE_BYTES if self._rest.startswith(b"::{") else LONGEST_BYTES
        if len(self._rest) > limit:
            self._rest = self._pieces(self._rest)

    def close(self) -> None:
        """Hear what is left: a last line without an end."""
        if self._rest:
            self._line(self._rest.removesuffix(b"\r"))
        self._rest = bytearray()

    def _line(self, line: bytearray) -> None:
        if len(line) > LONGEST_BYTES and not line.startswith(b"::{"):
            line = self._pieces(line)
        self._hear(line.decode("utf-8", "replace"))

    def _pieces(self, line: bytearray) -> bytearray:
        """Hear all of it that fills pieces, and return what is left."""
        start = 0
        while len(line) - start > LONGEST_BYTES:
            end = start + LONGEST_BYTES
            while end > start + LONGEST_BYTES - 4 and line[end] & 0xC0 == 0x80:
                end -= 1
            self._hear(line[start:end].decode("utf-8", "replace") + GOES_ON)
            start = end
        return line[start:]
