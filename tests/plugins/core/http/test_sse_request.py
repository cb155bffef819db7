from __future__ import annotations

from collections.abc import Iterable

import pytest

from attempts import Ran, attempt, named
from kapell.model.state import State
from kapell.plugins.core.http._events import events

TYPE = "io.kestra.plugin.core.http.SseRequest"
STREAM = b'id: 1\nevent: word\ndata: {"text": "a"}\n\n: keep on\ndata: plain\ndata: text\n\ndata: 3\n\ndata: lost'
HEARD = [
    {"data": {"text": "a"}, "id": "1", "name": "word"},
    {"data": "plain\ntext", "comment": "keep on"},
    {"data": 3},
]


def run(server, stream: bytes = STREAM, **properties: object) -> Ran:
    server.events = stream
    return attempt(TYPE, named(TYPE, {"uri": f"{server.url}/events", **properties}))


def read(pieces: Iterable[bytes]) -> list[dict[str, object]]:
    left = iter(pieces)
    return list(events(lambda _size: next(left, b"")))


def test_events_are_heard_until_the_stream_ends(server) -> None:
    ran = run(server)
    assert ran.result.outputs == {"uri": f"{server.url}/events", "size": 3, "events": HEARD}
    assert [(m.name, m.value) for m in ran.metrics] == [("size", 3)]


def test_enough_events_end_it(server) -> None:
    assert (run(server, maxEvents=1).result.outputs or {})["events"] == HEARD[:1]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_may_end_in_three_ways_and_pieces_anywhere(end: bytes) -> None:
    stream = STREAM.replace(b"\n", end)
    assert read([stream]) == HEARD
    assert read(stream[at : at + 1] for at in range(len(stream))) == HEARD


def test_what_an_expression_takes_out_of_the_events_is_joined(server) -> None:
    stream = b'data: {"t": "a"}\n\ndata: {"t": 1}\n\ndata: {"t": true}\n\n'
    outputs = run(server, stream, concatJqExpression=".data.t").result.outputs
    assert outputs == {"uri": f"{server.url}/events", "size": 3, "result": "a1true"}


def test_an_event_without_the_value_fails_or_is_skipped(server) -> None:
    stream = b'data: {"t": "a"}\n\ndata: {}\n\n'
    assert run(server, stream, concatJqExpression=".data.t").result.state is State.FAILED
    ran = run(server, stream, concatJqExpression=".data.t", failedOnMissingJq=False)
    assert (ran.result.outputs or {})["result"] == "a"
    assert run(server, concatJqExpression="][").said[0][1].startswith("Failed to resolve JQ expression ']['")
