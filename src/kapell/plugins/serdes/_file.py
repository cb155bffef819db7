"""What the converters share: a file in, a file out, encodings, dates as text."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, tzinfo
from typing import BinaryIO, Literal, TextIO

from kapell.sdk import Output, RunContext, TaskFailed, Templated, parse_zone, prop
from kapell.sdk.datetext import date_text
from kapell.sdk.draft import opened
from kapell.sdk.prop import Properties

OnBadLines = Literal["ERROR", "WARN", "SKIP"]
CHARSET = "UTF-8"


class FileOutput(Output, frozen=True, kw_only=True):
    """The file that was made, and how many rows it has."""

    uri: str
    size: int


class Converting(Properties):
    """Converts a file."""

    source: Templated[str] = prop("Address of the file.", key="from")


class Encoded(Converting):
    """Converts a file to or from text."""

    charset: Templated[str] = prop("How the text is encoded.", default=CHARSET)


class Dated(Encoded):
    """Writes text with dates in it."""

    date_format: Templated[str] = prop("How days are written, in Java's letters.", default="yyyy-MM-dd")
    time_format: Templated[str] = prop("How times of day are written.", default="HH:mm:ss[XXX]")
    date_time_format: Templated[str] = prop("How instants are written.", default="yyyy-MM-dd'T'HH:mm:ss.SSS[XXX]")
    time_zone_id: Templated[str] = prop(
        "The zone that instants are written in, and that those without a zone are taken to be in.", default="UTC"
    )

    def writers(self) -> Mapping[type, Callable[[date | time], str]]:
        """What writes instants, days and times."""
        zone = zone_of(self.time_zone_id)
        formats = {datetime: self.date_time_format, date: self.date_format, time: self.time_format}
        return {kind: date_text(pattern, zone) for kind, pattern in formats.items()}


def zone_of(name: str | None) -> tzinfo:
    """The zone of that name, UTC where there is none; what is no zone fails the task."""
    try:
        return parse_zone(name) if name else UTC
    except ValueError as error:
        raise TaskFailed(str(error)) from None


def codec_of(charset: str, *, reading: bool = False) -> str:
    """Python's name of an encoding; when reading, a byte order mark is none of the text."""
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        raise TaskFailed(f"There is no charset `{charset}`") from None
    return "utf-8-sig" if name == "utf-8" and reading else name


@contextmanager
def text_opened(ctx: RunContext, address: str, charset: str, newline: str | None = None) -> Iterator[TextIO]:
    """A stored text, read as it is asked for; bytes that are no text fail the task."""
    codec = codec_of(charset, reading=True)
    with opened(ctx, address) as content, io.TextIOWrapper(content, codec, newline=newline) as text:
        try:
            yield text
        except UnicodeError as error:
            raise TaskFailed(f"This is not {charset}: {error}") from None


@contextmanager
def lines_of(ctx: RunContext, address: str, charset: str, newline: str | None = None) -> Iterator[Iterator[str]]:
    """The lines of a stored text, with their ends; bytes that are no text fail the task and name the line."""
    with text_opened(ctx, address, charset, newline) as text:
        yield _told(text, charset)


def _told(text: TextIO, charset: str) -> Iterator[str]:
    number = 1
    try:
        for line in text:
            yield line
            number += 1
    except UnicodeDecodeError as error:
        # What was read ahead and not given out holds no end of a line.
        number += bytes(error.object[: error.start]).count(b"\n")
        raise TaskFailed(f"Line {number}: this is not {charset}: {error.reason}") from None
    except UnicodeError as error:
        raise TaskFailed(f"Line {number}: this is not {charset}: {error}") from None


@contextmanager
def written(made: BinaryIO, charset: str) -> Iterator[TextIO]:
    """Text to be written into a file; a character that the encoding has not fails the task."""
    text = io.TextIOWrapper(made, codec_of(charset), newline="")
    try:
        yield text
    except UnicodeEncodeError as error:
        raise TaskFailed(f"`{error.object[error.start]}` can't be written in {charset}") from None
    finally:
        text.detach()


class BadRows:
    """What to do with rows that can't be used: fail, warn, or say nothing."""

    def __init__(self, ctx: RunContext, behavior: str) -> None:
        self._ctx = ctx
        self._behavior = behavior

    def meet(self, message: str) -> None:
        """Raise `TaskFailed`, or return when the row is to be left out."""
        if self._behavior == "ERROR":
            raise TaskFailed(message)
        if self._behavior == "WARN":
            self._ctx.log("WARN", f"{message} (skipped)")
