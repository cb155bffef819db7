"""`io.kestra.plugin.core.http.Download`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from io import BufferedReader
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from kapell.plugins.core.http._request import Requesting
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.http import Reading
from kapell.sdk.login import without_login

PIECE_BYTES = 1 << 20


class DownloadOutput(Output, frozen=True, kw_only=True):
    """Where the file is, and the answer without it."""

    uri: str
    code: int
    length: int
    headers: Mapping[str, Sequence[str]]


class Download(Requesting, RunnableTask[DownloadOutput]):
    """Store what a web server answers as a file, however large."""

    save_as: Templated[str] | None = prop(
        "The file's name; by default the server's, else that in the address.", default=None
    )
    fail_on_empty_response: Templated[bool] = prop("Whether an empty file fails the task.", default=True)

    aliases = ("io.kestra.plugin.fs.http.Download",)
    examples = (Example("A CSV file", "uri: https://huggingface.co/datasets/kestra/datasets/raw/main/csv/orders.csv"),)

    def run(self, ctx: RunContext) -> DownloadOutput:
        """Store it piece by piece."""
        with self.asked(ctx) as answer:
            reading = Reading(answer)
            name = self.save_as or named(answer.header("Content-Disposition")) or last_part(self.uri)
            address = ctx.files.put(
                f"{ctx.storage_prefix}/{bare(name) or 'download'}", BufferedReader(reading, PIECE_BYTES)
            )
            if reading.length == 0:
                self._empty(ctx, address)
            ctx.metric("response.length", reading.length)
            ctx.log("DEBUG", f"File '{without_login(self.uri)}' downloaded with size '{reading.length}'")
            return DownloadOutput(uri=address, code=answer.status, length=reading.length, headers=answer.headers)

    def _empty(self, ctx: RunContext, address: str) -> None:
        if self.fail_on_empty_response and not self.chosen().allow_failed:
            ctx.files.delete([address])
            raise TaskFailed("No response from server")
        ctx.log("WARN", f"File '{without_login(self.uri)}' is empty")


def named(disposition: str | None) -> str | None:
    """The file name in a `Content-Disposition`; that of RFC 5987 (`filename*`) goes first."""
    if disposition is None:
        return None
    extended = re.search(r"filename\*\s*=\s*([^'\s]*)'[^']*'([^;\s]+)", disposition, re.IGNORECASE)
    if extended:
        try:
            return unquote(extended[2], extended[1] or "utf-8")
        except LookupError:
            return unquote(extended[2])
    plain = re.search(r'filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))', disposition, re.IGNORECASE)
    return (plain[1] or plain[2]) if plain else None


def last_part(uri: str) -> str:
    """What an address ends with, without its query."""
    return unquote(urlsplit(uri).path.rstrip("/").rpartition("/")[2])


def bare(name: str) -> str:
    """A name that leads nowhere else: the last part of it, without what no file may be called."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable()).strip(". ")
