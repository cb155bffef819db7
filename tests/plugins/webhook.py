"""A service of our own behind an incoming webhook."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TypeVar

W = TypeVar("W", bound="Webhook")


class Webhook(HTTPServer):
    """Keeps what is posted (path, headers, text) and answers with `status`."""

    refusal = b"not like this"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.received: list[tuple[str, dict[str, str], str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body.decode()))
        answer = b"ok" if self.server.status == 200 else self.server.refusal
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(webhook: W) -> Iterator[W]:
    """Answer in a thread until the block ends."""
    with webhook:
        thread = threading.Thread(target=webhook.serve_forever, args=(0.01,))
        thread.start()
        yield webhook
        webhook.shutdown()
        thread.join()
