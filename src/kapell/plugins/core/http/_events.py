"""Server-sent events, read from a stream: fields gather until an empty line ends the event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from kapell.sdk import TaskFailed

LONGEST_LINE = 16 * 1024 * 1024
PIECE_BYTES = 1 << 16


def events(read: Callable[[int], bytes]) -> Iterator[dict[str, object]]:
    """Each event as a map of what was sent of `data` (as JSON where it is), `id`, `name`, `comment` and `retry`."""
    fields: dict[str, list[str]] = {}
    for line in lines(read):
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        elif fields:
            if found := _event(fields):
                yield found
            fields = {}


def _event(fields: dict[str, list[str]]) -> dict[str, object]:
    found: dict[str, object] = {}
    if "data" in fields:
        found["data"] = _data("\n".join(fields["data"]))
    for field, name in (("id", "id"), ("event", "name")):
        if field in fields:
            found[name] = fields[field][-1]
    if "" in fields:
        found["comment"] = "\n".join(fields[""])
    if fields.get("retry", [""])[-1].isdecimal():
        found["retry"] = int(fields["retry"][-1])
    return found


def _data(text: str) -> object:
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def lines(read: Callable[[int], bytes]) -> Iterator[str]:
    """The lines of a stream of UTF-8, whatever ends them; one without an end is none."""
    rest, after_return = b"", False
    while piece := read(PIECE_BYTES):
        if after_return and piece.startswith(b"\n"):
            piece = piece[1:]
        after_return = piece.endswith(b"\r")
        *whole, rest = (rest + piece).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise TaskFailed(f"A line of the stream has more than {LONGEST_LINE} bytes")
        yield from (line.decode(errors="replace") for line in whole)
