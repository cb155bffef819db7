"""A conversation with a model, here a small server of our own that answers as OpenAI's API does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from attempts import attempt
from kapell.model.state import State

TYPE = "io.kestra.plugin.openai.ChatCompletion"
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "Hello Ada"}, "finish_reason": "stop"}
ANSWER = {"id": "c1", "object": "chat.completion", "model": "gpt-4o", "choices": [CHOICE], "usage": {"total_tokens": 7}}


class Service(HTTPServer):
    """Keeps the last question; answers with `status`."""

    status = 200
    question: dict
    head: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        self.server.question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.head = {**self.headers, "path": self.path}
        body = json.dumps(ANSWER if self.server.status == 200 else {"error": {"message": "no such model"}}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with Service(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        yield server
        server.shutdown()


def test_the_answer_is_given_as_it_comes(service: Service) -> None:
    given = {"api_key": "k3y", "model": "gpt-4o", "prompt": "Say {{ 'hello' }}", "max_tokens": "50", "stop": ["\n"]}
    ran = attempt(TYPE, given)
    assert ran.result.outputs == ANSWER
    assert service.head["path"] == "/v1/chat/completions"
    assert service.head["Authorization"] == "Bearer k3y"
    assert service.question == {
        "model": "gpt-4o",
        "temperature": 1.0,
        "max_tokens": 50,
        "stop": ["\n"],
        "messages": [{"role": "user", "content": "Say hello"}],
    }


def test_a_conversation_is_sent_in_its_order(service: Service) -> None:
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "{{ 1 + 1 }}?"}]
    attempt(TYPE, {"api_key": "k", "model": "m", "messages": messages, "json_response_schema": '{"name": "s"}'})
    assert [message["content"] for message in service.question["messages"]] == ["Be brief", "2?"]
    assert service.question["response_format"] == {"type": "json_schema", "json_schema": {"name": "s"}}


def test_a_refusal_says_what_the_service_says_and_not_the_key(service: Service) -> None:
    service.status = 404
    ran = attempt(TYPE, {"api_key": "k3y", "model": "none", "prompt": "hi"})
    assert ran.result.state is State.FAILED
    assert "404" in (ran.result.error or "")
    assert "k3y" not in (ran.result.error or "")


def test_nothing_to_say_is_a_failure_of_its_own(service: Service) -> None:
    assert "prompt" in (attempt(TYPE, {"api_key": "k", "model": "m"}).result.error or "")
