"""Runs a converter on a stored file."""

from __future__ import annotations

from typing import NamedTuple

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from tables import put, put_rows, rows, text

SERDES = "io.kestra.plugin.serdes."


class Made(NamedTuple):
    """The attempt and what lies in the file that it made."""

    ran: Ran
    files: LocalFiles

    @property
    def uri(self) -> str:
        assert self.ran.result.state is State.SUCCESS, self.ran.result.error
        return str((self.ran.result.outputs or {})["uri"])

    @property
    def rows(self) -> list[object]:
        return rows(self.files, self.uri)

    @property
    def text(self) -> str:
        return text(self.files, self.uri)

    @property
    def error(self) -> str:
        return self.ran.result.error or ""

    @property
    def warnings(self) -> list[str]:
        return [message for level, message in self.ran.said if level == "WARN"]


def convert(files: LocalFiles, type: str, given: str | bytes | list[object], **properties: object) -> Made:
    """Convert a text, bytes, or rows."""
    address = put_rows(files, given) if isinstance(given, list) else put(files, given)
    return at(files, type, address, **properties)


def at(files: LocalFiles, type: str, address: object, **properties: object) -> Made:
    """Convert what is stored already."""
    return Made(attempt(SERDES + type, {"source": address, **properties}, files=files), files)
