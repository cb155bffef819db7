"""An execution whose flow asks a slow server holds up nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import kapell
from kapell.model.state import State

ASKS = """
id: asks
namespace: tests
tasks:
  - id: choose
    type: io.kestra.plugin.core.flow.If
    condition: "{{ http(globals.url).yes and http(globals.url ~ '/again').yes }}"
    then:
      - {id: chosen, type: io.kestra.plugin.core.log.Log, message: chosen}
"""
QUICK = """
id: quick
namespace: tests
tasks:
  - {id: hello, type: io.kestra.plugin.core.log.Log, message: hello}
"""


class Slow(ThreadingHTTPServer):
    """Answers once `go` is set; `asked` tells that somebody waits."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked, self.go = threading.Event(), threading.Event()
        self.paths: list[str] = []


class Answer(BaseHTTPRequestHandler):
    server: Slow

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.asked.set()
        self.server.go.wait(20)
        body = b'{"yes": true}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def slow() -> Iterator[Slow]:
    with Slow() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.go.set()
        server.shutdown()


@pytest.fixture
def local(slow: Slow) -> Iterator[kapell.Local]:
    with kapell.Local(globals={"url": f"http://127.0.0.1:{slow.server_address[1]}"}) as local:
        local.apply(ASKS, QUICK)
        yield local


def test_others_go_on_while_an_execution_waits_for_an_answer(slow: Slow, local: kapell.Local) -> None:
    waiting = local.create("tests", "asks")
    assert slow.asked.wait(10)
    assert local.wait(local.create("tests", "quick"), timeout=10).state is State.SUCCESS
    assert not local.execution(waiting).state.ended
    assert local.runtime.stuck == 0
    slow.go.set()
    done = local.wait(waiting, timeout=10)
    assert [f"{run.task_id} {run.state}" for run in done.task_runs] == ["choose SUCCESS", "chosen SUCCESS"]
    assert slow.paths == ["/", "/again"]


def test_an_execution_that_waits_for_an_answer_can_be_killed(slow: Slow, local: kapell.Local) -> None:
    waiting = local.create("tests", "asks")
    assert slow.asked.wait(10)
    local.kill(waiting)
    assert local.wait(waiting, timeout=10).state is State.KILLED
    slow.go.set()
    assert local.wait(local.create("tests", "asks"), timeout=10).state is State.SUCCESS
    assert local.execution(waiting).state is State.KILLED
