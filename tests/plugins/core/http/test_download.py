from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest

from attempts import Ran, attempt, named
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.plugins.core.http.download import bare, last_part
from kapell.plugins.core.http.download import named as name_in
from kapell.services.context import TaskContext

TYPE = "io.kestra.plugin.core.http.Download"


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


def run(files: LocalFiles, uri: str, prepare=lambda _ctx: None, **properties: object) -> Ran:
    return attempt(TYPE, named(TYPE, {"uri": uri, **properties}), files=files, prepare=prepare)


def test_an_answer_is_stored_as_a_file(server, files: LocalFiles) -> None:
    ran = run(files, f"{server.url}/bytes/5")
    outputs = ran.result.outputs or {}
    with files.open(str(outputs["uri"])) as content:
        assert content.read() == b"xxxxx"
    assert (outputs["code"], outputs["length"], outputs["headers"]["content-length"]) == (200, 5, ["5"])
    assert [(m.name, m.value) for m in ran.metrics] == [("response.length", 5)]


@pytest.mark.parametrize(
    ("path", "properties", "name"),
    [
        ("bytes/5/orders.csv", {}, "orders.csv"),
        ("bytes/5/orders.csv?attachment; filename=%22a%20b.csv%22", {}, "a%20b.csv"),
        ("bytes/5/orders.csv?attachment", {"saveAs": "mine.csv"}, "mine.csv"),
        ("bytes/5/%2e%2e", {}, "download"),
    ],
)
def test_a_file_is_named_by_the_flow_the_server_or_the_address(
    server, files: LocalFiles, path: str, properties: dict[str, object], name: str
) -> None:
    outputs = run(files, f"{server.url}/{path}", **properties).result.outputs or {}
    assert str(outputs["uri"]).rpartition("/")[2] == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (None, None),
        ("inline", None),
        ("attachment; filename=a.csv; size=3", "a.csv"),
        ('attachment; filename="a;b.csv"', "a;b.csv"),
        ("attachment; filename=x; filename*=UTF-8'en'%c3%a9.csv", "é.csv"),
        ("attachment; filename*=nope''a.csv", "a.csv"),
    ],
)
def test_the_server_s_name_is_read_from_its_header(header: str | None, name: str | None) -> None:
    assert name_in(header) == name


def test_a_name_leads_nowhere_else() -> None:
    assert [bare(name) for name in ("../../etc/passwd", "a\\b.txt", "..", "x\x00y", "")] == [
        "passwd",
        "b.txt",
        "",
        "xy",
        "",
    ]
    assert last_part("http://h/a/b%20c.txt?x=/y") == "b c.txt"


@pytest.mark.parametrize(
    ("properties", "state"),
    [
        ({}, State.FAILED),
        ({"failOnEmptyResponse": False}, State.SUCCESS),
        ({"options": {"allowFailed": True}}, State.SUCCESS),
    ],
)
def test_an_empty_file_fails_unless_it_is_allowed(
    server, files: LocalFiles, properties: dict[str, object], state: State
) -> None:
    uri = f"{server.url}/bytes/0"
    ran = run(files, uri, **properties)
    assert ran.result.state is state
    sentence = ("ERROR", "No response from server") if state is State.FAILED else ("WARN", f"File '{uri}' is empty")
    assert sentence in ran.said
    assert len(list(files.walk("/"))) == (0 if state is State.FAILED else 1)


def test_no_line_shows_the_login_of_an_address(server, files: LocalFiles) -> None:
    address = server.url.replace("//", "//me:hunter2@")
    said = str([run(files, f"{address}/bytes/{size}").said for size in (5, 0)])
    assert "******@" in said
    assert "hunter2" not in said


def test_half_a_file_is_none(server, files: LocalFiles) -> None:
    assert run(files, f"{server.url}/cut").result.state is State.FAILED
    assert run(files, f"{server.url}/status/404").result.state is State.FAILED
    assert list(files.walk("/")) == []


def test_a_large_file_goes_through_in_pieces(server, files: LocalFiles) -> None:
    class Sink(LocalFiles):
        def put(self, path: str, content: BinaryIO) -> str:
            tracemalloc.start()
            while content.read(1 << 20):
                pass
            self.most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return f"kestra://{path}"

    sink = Sink(Path("/dev/null/none"))
    server.RequestHandlerClass = many_megabytes(server.RequestHandlerClass)
    outputs = run(sink, f"{server.url}/many").result.outputs or {}
    assert outputs["length"] == 64 << 20
    assert sink.most < 16 << 20


def many_megabytes(handler: type) -> type:
    def answer(self, *_: object) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", str(64 << 20))
        self.end_headers()
        for _ in range(64):
            self.wfile.write(bytes(1 << 20))

    return type("Many", (handler,), {"answer_many": answer})


def test_a_download_that_is_told_to_stop_stops(server, files: LocalFiles) -> None:
    reading = threading.Event()

    class Watched(LocalFiles):
        def put(self, path: str, content: BinaryIO) -> str:
            reading.set()
            return super().put(path, content)

    def stop_later(ctx: TaskContext) -> None:
        threading.Thread(target=lambda: (reading.wait(10), ctx.cancel())).start()

    ran = run(Watched(files._root), f"{server.url}/trickle", stop_later)
    assert ran.result.state is State.KILLED
