from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Mapping
from email.parser import BytesParser
from pathlib import Path

import pytest

from attempts import Ran, attempt, named
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State

TYPE = "io.kestra.plugin.core.http.Request"


def run(uri: str, files: LocalFiles | None = None, **properties: object) -> Ran:
    return attempt(TYPE, named(TYPE, {"uri": uri, **properties}), files=files)


def outputs(uri: str, files: LocalFiles | None = None, **properties: object) -> Mapping[str, object]:
    ran = run(uri, files, **properties)
    assert ran.result.state is State.SUCCESS, ran.said
    return ran.result.outputs or {}


def seen(uri: str, files: LocalFiles | None = None, **properties: object) -> dict[str, object]:
    """What the server was sent."""
    heard = json.loads(str(outputs(uri, files, **properties)["body"]))
    return heard | {"body": base64.b64decode(heard["body"])}


def test_an_answer_is_status_headers_and_text(server) -> None:
    ran = run(f"{server.url}/status/201")
    assert ran.result.outputs == {
        "uri": f"{server.url}/status/201",
        "code": 201,
        "headers": {"content-type": ["application/json"], "content-length": ["22"]},
        "body": '{"message":"as asked"}',
    }
    assert [(m.name, m.value) for m in ran.metrics] == [("response.length", 22)]


def test_a_request_says_what_it_was_told(server) -> None:
    heard = seen(
        f"{server.url}/echo?a=1",
        method="put",
        params={"b": "x y", "c": [1, 2]},
        headers={"X-Test": "{{ 'v' }}"},
        body="é",
    )
    assert (heard["method"], heard["query"], heard["body"]) == ("PUT", "a=1&b=x+y&c=1&c=2", "é".encode())
    assert heard["headers"]["x-test"] == "v"
    assert heard["headers"]["content-type"] == "application/json; charset=UTF-8"


def test_a_body_is_encoded_as_the_options_say(server) -> None:
    heard = seen(
        f"{server.url}/echo",
        method="POST",
        body="é",
        contentType="text/plain",
        options={"defaultCharset": "ISO-8859-1"},
    )
    assert heard["body"] == b"\xe9"
    assert heard["headers"]["content-type"] == "text/plain; charset=ISO-8859-1"


def test_a_form_is_url_encoded(server) -> None:
    heard = seen(f"{server.url}/echo", method="POST", formData={"a": "1 2", "b": "x&y", "c": ["p", "q"]})
    assert heard["body"] == b"a=1+2&b=x%26y&c=p&c=q"
    assert heard["headers"]["content-type"].startswith("application/x-www-form-urlencoded")


def test_a_form_in_parts_brings_files_with_it(server, tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    address = files.put("/company/team/x/data.bin", io.BytesIO(bytes(range(256)) * 50))
    heard = seen(
        f"{server.url}/echo",
        files,
        method="POST",
        contentType="multipart/form-data",
        formData={
            "text": "ü",
            "file": address,
            "renamed": {"name": 'a"b.bin', "content": address},
            "given": {"name": "c.txt", "content": "hello"},
            "other": {"a": [1]},
        },
    )
    head = f"Content-Type: {heard['headers']['content-type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + heard["body"]).get_payload()
    shown = [(p.get_param("name", header="content-disposition"), p.get_filename()) for p in parts]
    assert shown == [
        ("text", None),
        ("file", "data.bin"),
        ("renamed", "a%22b.bin"),
        ("given", "c.txt"),
        ("other", None),
    ]
    contents = [part.get_payload(decode=True) for part in parts]
    assert contents[0] == "ü".encode()
    assert contents[1] == contents[2] == bytes(range(256)) * 50
    assert contents[3:] == [b"hello", b'{"a":[1]}']


def test_text_is_decoded_by_its_charset_and_unpacked(server) -> None:
    assert outputs(f"{server.url}/latin")["body"] == "é"
    assert outputs(f"{server.url}/gzip")["body"] == "unpacked"


def test_a_status_from_400_fails_with_the_body(server) -> None:
    ran = run(f"{server.url}/status/404")
    assert ran.result.state is State.FAILED
    assert ran.said == [("ERROR", 'Failed http request with response code \'404\' and body:\n{"message":"as asked"}')]


@pytest.mark.parametrize("properties", [{"options": {"allowFailed": True}}, {"allowFailed": True}])
def test_a_failure_may_be_allowed(server, properties: dict[str, object]) -> None:
    assert outputs(f"{server.url}/status/500", **properties)["code"] == 500


@pytest.mark.parametrize(("status", "state"), [(404, State.SUCCESS), (200, State.FAILED)])
def test_named_codes_are_the_only_good_ones(server, status: int, state: State) -> None:
    ran = run(f"{server.url}/status/{status}", options={"allowedResponseCodes": [404]})
    assert ran.result.state is state


@pytest.mark.parametrize(
    ("status", "method", "body"), [(302, "GET", b""), (303, "GET", b""), (307, "POST", b"b"), (308, "POST", b"b")]
)
def test_redirects_are_followed_with_the_body_where_that_is_meant(
    server, status: int, method: str, body: bytes
) -> None:
    heard = seen(f"{server.url}/to/{status}?/echo", method="POST", body="b")
    assert (heard["method"], heard["body"]) == (method, body)
    assert ("content-type" in heard["headers"]) is (method == "POST")


def test_who_asks_is_told_to_no_other_server(server) -> None:
    login = {"auth": {"type": "BEARER", "token": "tok"}}
    headers = {"Cookie": "c=1"}
    own = seen(f"{server.url}/to/307?{server.url}/echo", options=login, headers=headers)
    assert (own["headers"]["authorization"], own["headers"]["cookie"]) == ("Bearer tok", "c=1")
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    other = seen(f"{server.url}/to/307?{elsewhere}/echo", options=login, headers=headers)
    assert not {"authorization", "cookie"} & set(other["headers"])


def test_a_redirect_is_an_answer_when_none_is_to_be_followed(server) -> None:
    found = outputs(f"{server.url}/to/302?/echo", options={"followRedirects": False})
    assert (found["code"], found["body"]) == (302, "")
    assert found["headers"]["location"] == ["/echo"]


def test_redirects_have_an_end(server) -> None:
    assert run(f"{server.url}/loop").said == [("ERROR", "More than 20 redirects")]


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"auth": {"type": "BASIC", "username": "ü", "password": "p"}}, "Basic w7w6cA=="),
        ({"auth": {"type": "BEARER", "token": "{{ 'tok' }}"}}, "Bearer tok"),
        ({"basicAuthUser": "u", "basicAuthPassword": "p"}, "Basic dTpw"),
    ],
)
def test_who_asks_is_told_in_a_header(server, options: dict[str, object], header: str) -> None:
    assert seen(f"{server.url}/echo", options=options)["headers"]["authorization"] == header


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_digest_answers_the_challenge_and_sends_the_body_again(server, algorithm: str) -> None:
    auth = {"type": "DIGEST", "username": "u", "password": "p"}
    url = f"{server.url}/digest/{algorithm}"
    assert outputs(f"{url}?q=1", method="POST", body="b", options={"auth": auth})["body"] == "welcome b"
    ran = run(url, options={"auth": auth | {"password": "wrong"}})
    assert ran.said[0][1].startswith("Failed http request with response code '401'")


@pytest.mark.parametrize("options", [{"timeout": {"readIdleTimeout": "PT0.1S"}}, {"readTimeout": "PT0.1S"}])
def test_an_answer_that_does_not_come_fails(server, options: dict[str, object]) -> None:
    assert run(f"{server.url}/hang", options=options).said == [("ERROR", "Read timed out")]
    assert run(f"{server.url}/trickle", options=options).said == [("ERROR", "Read timed out")]


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1/", "ftp://localhost/x", "nowhere", "http://"])
def test_an_address_where_nobody_answers_fails_in_words(uri: str) -> None:
    ran = run(uri)
    assert ran.result.state is State.FAILED
    assert [level for level, _ in ran.said] == ["ERROR"]
    assert ran.said[0][1]


def test_an_answer_that_is_cut_off_fails(server) -> None:
    assert run(f"{server.url}/cut").result.state is State.FAILED


def test_a_body_too_large_for_outputs_fails(server) -> None:
    assert outputs(f"{server.url}/bytes/10", options={"maxContentLength": 10})["body"] == "x" * 10
    ran = run(f"{server.url}/bytes/11", options={"maxContentLength": 10})
    assert ran.said[0][1].startswith("The answer has more than 10 bytes (options.maxContentLength)")


@pytest.mark.parametrize("path", ["bomb", "endless"])
def test_a_body_without_end_is_broken_off(server, path: str) -> None:
    ran = run(f"{server.url}/{path}", options={"maxContentLength": 1000})
    assert ran.said[0][1].startswith("The answer has more than 1000 bytes (options.maxContentLength)")


def test_a_proxy_is_asked_in_place_of_the_server(server) -> None:
    port = server.server_port
    proxy = {"type": "HTTP", "address": "127.0.0.1", "port": port, "username": "u", "password": "p"}
    flat = {f"proxy{key.capitalize()}": value for key, value in proxy.items()}
    for options in ({"proxy": proxy}, flat):
        assert outputs("http://far.away/x", options=options)["body"] == "http://far.away/x Basic dTpw"
    assert seen(f"{server.url}/echo", options={"proxy": proxy | {"type": "DIRECT"}})["method"] == "GET"


def test_the_exchange_is_logged_as_far_as_it_is_asked_for(server) -> None:
    kinds = ["REQUEST_HEADERS", "REQUEST_BODY", "RESPONSE_HEADERS", "RESPONSE_BODY"]
    ran = run(f"{server.url}/bytes/3", method="POST", body="b", options={"logs": kinds})
    assert [re.sub(r" .*", "", message) for _, message in ran.said] == ["request:", "request", "response:", "response"]
    assert ran.said[-1] == ("DEBUG", "response body: xxx")


def test_the_former_log_level_says_what_of_the_exchange_is_logged(server) -> None:
    said = {
        level: len(run(f"{server.url}/bytes/3", options={"logLevel": level}).said) for level in ("INFO", "DEBUG", "X")
    }
    assert said == {"INFO": 1, "DEBUG": 2, "X": 0}


def test_a_body_in_the_outputs_is_never_said_to_be_encrypted(server) -> None:
    assert run(f"{server.url}/echo", encryptBody=True).result.state is State.FAILED
