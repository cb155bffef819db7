"""A terminal in which `kapell` runs: what is typed into it once something is shown, and all that it shows."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from acceptance.processes import KAPELL

SECONDS = 40
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
PARTS = re.compile(r"\n|\r|\x1b\[[0-9;?]*[A-Za-z]|[^\n\r\x1b]+|\x1b")
INTERRUPT = "\x03"
END = "\x04"


class Terminal:
    """`kapell` in a terminal of so many columns and rows; `out` takes its standard output away from it."""

    def __init__(
        self,
        *arguments: str | Path,
        columns: int = 80,
        rows: int = 24,
        folder: Path | None = None,
        out: Path | None = None,
    ) -> None:
        self._master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.raw = b""
        stdout = open(out, "wb") if out else None  # noqa: SIM115  closed below
        self.process = subprocess.Popen(
            [str(KAPELL), *map(str, arguments)],
            stdin=terminal,
            stdout=stdout or terminal,
            stderr=terminal,
            cwd=folder,
            env={**os.environ, "TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(terminal)
        if stdout:
            stdout.close()

    @property
    def shown(self) -> str:
        """All that it has shown, without colours and movements."""
        return CONTROL.sub("", self.raw.decode(errors="replace"))

    def dialogue(self, *turns: tuple[str, str]) -> int:
        """Wait for the first of each pair and type the second, then wait for the end; the exit status."""
        seen = 0
        for awaited, typed in turns:
            seen = self._until(awaited, seen)
            os.write(self._master, typed.encode())
        return self.end()

    def end(self) -> int:
        """Wait for the end; the exit status."""
        until = time.monotonic() + SECONDS
        while self._read(until):
            pass
        os.close(self._master)
        return self.process.wait(SECONDS)

    def _until(self, awaited: str, seen: int) -> int:
        """Read on until it is shown after `seen`; where it ends."""
        until = time.monotonic() + SECONDS
        while (at := self.shown.find(awaited, seen)) < 0:
            assert self._read(until), f"{awaited!r} was not shown, but {self.shown!r}"
        return at + len(awaited)

    def _read(self, until: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0, until - time.monotonic()))
        assert ready, f"nothing more came: {self.shown!r}"
        try:
            read = os.read(self._master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            # so Linux says that nobody has the terminal open any more
            return False
        self.raw += read
        return bool(read)


def _own_terminal() -> None:
    """Makes it the terminal that Ctrl-C comes from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def lines(terminal: Terminal) -> Sequence[str]:
    """The lines that a person sees in the end, those that have scrolled by too, without what is blank."""
    rows, row, column = [""], 0, 0
    for part in PARTS.findall(terminal.raw.decode(errors="replace")):
        if part == "\n":
            row += 1
            rows += [""] * (row == len(rows))
        elif part == "\r":
            column = 0
        elif part.startswith("\x1b"):
            if part.endswith("A"):
                row -= int(part[2:-1])
            elif part == "\x1b[2K":
                rows[row] = ""
        else:
            rows[row] = rows[row][:column].ljust(column) + part + rows[row][column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in rows if line.strip()]
