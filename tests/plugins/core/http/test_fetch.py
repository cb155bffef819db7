"""`http()` in expressions."""

from __future__ import annotations

import base64

import pytest

from kapell.errors import RenderError
from kapell.expr import Env, render
from kapell.services.fetch import fetch


def get(template: str, server) -> object:
    return render(template, {"url": server.url}, Env(now=None, reader=fetch), "typed")


def test_an_answer_is_parsed_if_it_is_json(server) -> None:
    assert get("{{ http(url ~ '/status/200').message }}", server) == "as asked"
    assert get("{{ http(url ~ '/bytes/3') }}", server) == "xxx"


def test_json_is_sent_and_asked_for(server) -> None:
    heard = get("{{ http(url ~ '/echo', 'post', query={'q': [1, 2]}, body={'a': 1}, headers={'X-A': 'b'}) }}", server)
    assert (heard["method"], heard["query"]) == ("POST", "q=1&q=2")
    assert base64.b64decode(heard["body"]) == b'{"a":1}'
    said = heard["headers"]
    assert (said["accept"], said["content-type"], said["x-a"]) == (
        "application/json",
        "application/json; charset=UTF-8",
        "b",
    )


def test_a_map_can_be_a_form(server) -> None:
    form = "application/x-www-form-urlencoded"
    heard = get(f"{{{{ http(url ~ '/echo', 'POST', body={{'a': 'b c'}}, contentType='{form}') }}}}", server)
    assert base64.b64decode(heard["body"]) == b"a=b+c"


def test_options_are_those_of_the_tasks(server) -> None:
    auth = "{'auth': {'type': 'BASIC', 'username': 'u', 'password': 'p'}}"
    heard = get(f"{{{{ http(url ~ '/echo', options={auth}) }}}}", server)
    assert heard["headers"]["authorization"] == "Basic dTpw"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        ("'/status/500'", "Failed to execute HTTP Request, server respond with status 500 : Internal Server Error"),
        ("'/hang', options={'readTimeout': 'PT0.1S'}", "Failed to execute HTTP request: Read timed out"),
        ("'/bytes/9', options={'maxContentLength': 3}", "The answer has more than 3 bytes"),
        ("'/echo', headers='x'", "The 'http' function expects the 'headers' argument to be a map."),
        ("'/echo', options='x'", "The 'http' function expects the 'options' argument to be a map."),
        ("'/echo', options={'timeout': 1}", "Failed to execute HTTP request: `1` is not a map"),
    ],
)
def test_what_fails_is_told_in_a_sentence(server, call: str, sentence: str) -> None:
    with pytest.raises(RenderError) as failed:
        get(f"{{{{ http(url ~ {call}) }}}}", server)
    assert failed.value.message == sentence
