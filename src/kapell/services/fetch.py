"""`http()` of expressions: one request, JSON unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.errors import KapellError
from kapell.expr.json import parse_json
from kapell.model.read import Read, ReadFailed
from kapell.sdk.http import Body, Call, HttpOptions, HttpRefused, form, perform
from kapell.sdk.http.options import options_from
from kapell.sdk.kv import plain_text

JSON = "application/json"
SECONDS = "PT30S"
"""An execution waits for the answer, and may be one of many on its executor."""


def fetch(read: Read) -> object:
    """The answer's body, parsed if it is JSON; raises `ReadFailed` with Kestra's sentence."""
    asked = {name: parse_json(text) for name, text in read.options}
    try:
        options = _options(asked.get("options"))
        with perform(_call(read.name, asked), options) as answer:
            content = answer.read(options.max_content_length + 1)
            kind = answer.header("Content-Type") or ""
    except HttpRefused as refused:
        raise ReadFailed(
            f"Failed to execute HTTP Request, server respond with status {refused.status} : {refused.reason}"
        ) from None
    except ReadFailed:
        raise
    except KapellError as error:
        raise ReadFailed(f"Failed to execute HTTP request: {error}") from None
    if len(content) > options.max_content_length:
        raise ReadFailed(f"The answer has more than {options.max_content_length} bytes")
    return _parsed(content.decode(errors="replace"), kind)


def _options(given: object) -> HttpOptions:
    if given is not None and not isinstance(given, Mapping):
        raise ReadFailed("The 'http' function expects the 'options' argument to be a map.")
    return options_from({"readTimeout": SECONDS, **(given or {})})


def _call(url: str, asked: Mapping[str, object]) -> Call:
    headers = {name: plain_text(value) for name, value in _map(asked, "headers").items()}
    kind = str(asked.get("contentType") or JSON)
    named = {name.lower() for name in headers}
    headers |= {} if "accept" in named and "accept" not in asked else {"Accept": str(asked.get("accept") or JSON)}
    body = _body(asked["body"], kind) if "body" in asked else None
    if body is not None:
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        headers["Content-Type"] = body.type
    return Call(url, str(asked["method"]), headers, body).with_query(_map(asked, "query"))


def _map(asked: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = asked.get(name, {})
    if not isinstance(value, Mapping):
        raise ReadFailed(f"The 'http' function expects the '{name}' argument to be a map.")
    return value


def _body(value: object, kind: str) -> Body:
    if kind.startswith("application/x-www-form-urlencoded") and isinstance(value, Mapping):
        return form(value)
    # Kestra: a charset is added to what has none.
    return Body.of(kind if ";" in kind else f"{kind}; charset=UTF-8", plain_text(value).encode())


def _parsed(text: str, kind: str) -> object:
    try:
        return parse_json(text) if "json" in kind else text
    except ValueError as error:
        raise ReadFailed(f"The answer is not JSON: {error}") from None
