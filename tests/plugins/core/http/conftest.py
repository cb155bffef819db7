"""A web server that answers what the path asks for."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int = 200, body: bytes = b"", kind: str = "text/plain", **headers: str) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        said = {name.lower(): value for name, value in self.headers.items()}
        name = f"answer_{'proxied' if path.startswith('http') else path.strip('/').split('/')[0]}"
        getattr(self, name)(path, query, said, body)

    def answer_echo(self, path: str, query: str, said: dict[str, str], body: bytes) -> None:
        seen = {"method": self.command, "query": query, "headers": said, "body": base64.b64encode(body).decode()}
        self._answer(body=json.dumps(seen).encode(), kind="application/json")

    def answer_status(self, path: str, *_: object) -> None:
        self._answer(int(path.rpartition("/")[2]), b'{"message":"as asked"}', "application/json")

    def answer_to(self, path: str, query: str, *_: object) -> None:
        self._answer(int(path.rpartition("/")[2]), Location=query)

    def answer_loop(self, *_: object) -> None:
        self._answer(302, Location="/loop")

    def answer_proxied(self, path: str, query: str, said: dict[str, str], body: bytes) -> None:
        self._answer(body=f"{path} {said.get('proxy-authorization')}".encode())

    def answer_latin(self, *_: object) -> None:
        self._answer(body="é".encode("latin-1"), kind="text/plain; charset=ISO-8859-1")

    def answer_gzip(self, *_: object) -> None:
        self._answer(body=gzip.compress(b"unpacked"), Content_Encoding="gzip")

    def answer_bomb(self, *_: object) -> None:
        self._answer(body=gzip.compress(bytes(10_000_000)), Content_Encoding="gzip")

    def answer_endless(self, *_: object) -> None:
        self.send_response_only(200)
        self.end_headers()
        self.close_connection = True
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(65536))

    def answer_bytes(self, path: str, query: str, *_: object) -> None:
        headers = {"Content_Disposition": query.replace("%22", '"').replace("%20", " ")} if query else {}
        self._answer(body=b"x" * int(path.split("/")[2]), **headers)

    def answer_cut(self, *_: object) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def answer_hang(self, *_: object) -> None:
        self.server.released.wait(20)
        self.close_connection = True

    def answer_trickle(self, *_: object) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b"first")
        self.wfile.flush()
        self.server.released.wait(20)
        self.close_connection = True

    def answer_events(self, *_: object) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(self.server.events)
        self.close_connection = True

    def answer_digest(self, path: str, query: str, said: dict[str, str], body: bytes) -> None:
        """RFC 7616 with MD5 and SHA-256, user `u`, password `p`."""
        algorithm = path.rpartition("/")[2]
        parts = dict(re.findall(r'(\w+)="?([^",]+)"?', said.get("authorization", "")))
        digest = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]
        secret, asked = (digest(text.encode()).hexdigest() for text in ("u:r:p", f"{self.command}:{self.path}"))
        middle = f"n:{parts.get('nc')}:{parts.get('cnonce')}:auth"
        if parts.get("response") == digest(f"{secret}:{middle}:{asked}".encode()).hexdigest():
            self._answer(body=b"welcome " + body)
        else:
            challenge = f'Digest realm="r", nonce="n", qop="auth", algorithm={algorithm}'
            self._answer(401, b"who?", WWW_Authenticate=challenge)

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True
    events = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()
