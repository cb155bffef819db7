"""What the HTTP tasks share: their properties, and the request that these make."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.http import Answer, Body, Call, HttpOptions, SslOptions, Upload, form, multipart, perform
from kapell.sdk.http.options import options_from
from kapell.sdk.kv import plain_text
from kapell.sdk.login import without_login
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.sdk.prop import Properties

STORED = ("kestra://", "nsfile://")


class Requesting(Properties):
    """Makes an HTTP request."""

    uri: Templated[str] = prop("The address.", filled=True)
    method: Templated[str] = prop("The method: GET, POST, PUT or another.", default="GET")
    params: Templated[Mapping[str, object]] | None = prop("More for the address's query.", default=None)
    headers: Templated[Mapping[str, str]] | None = prop("Headers of the request.", default=None)
    content_type: Templated[str] = prop(
        "What the body is; `multipart/form-data` sends a form in parts.", default="application/json"
    )
    body: Templated[str] | None = prop("The body, as text.", default=None)
    form_data: Templated[Mapping[str, object]] | None = prop(
        "A form instead of a body. In parts, a value that is the address of a stored file sends that file, "
        "and `{name, content}` gives it a name.",
        default=None,
    )
    options: HttpOptions | None = prop("How the request is made, and what counts as its failure.", default=None)
    allow_failed: Templated[bool] | None = prop("Deprecated: `options.allowFailed`.", default=None)
    ssl_options: SslOptions | None = prop("Deprecated: `options.ssl`.", default=None)

    def chosen(self) -> HttpOptions:
        """The options, with what is said in their old places."""
        options = self.options or options_from({})
        if self.allow_failed is not None:
            options.allow_failed = self.allow_failed
        if self.ssl_options is not None and options.ssl is None:
            options.ssl = self.ssl_options
        return options

    @contextmanager
    def asked(self, ctx: RunContext, accept: str | None = None) -> Iterator[Answer]:
        """The answer; it is cut off when the task is asked to stop."""
        options, call = self.chosen(), self.call(ctx)
        if accept is not None and "accept" not in {name.lower() for name in call.headers}:
            call = Call(call.url, call.method, {**call.headers, "Accept": accept}, call.body)
        _log_request(ctx, options, call)
        with perform(call, options) as answer:
            ctx.on_cancel(answer.stop)
            if "RESPONSE_HEADERS" in options.logged:
                ctx.log("DEBUG", f"response: {answer.status} {answer.headers}")
            yield answer

    def call(self, ctx: RunContext) -> Call:
        """The request."""
        body = self._body(ctx)
        headers = {"Content-Type": body.type if body is not None else self.content_type}
        given = dict(self.headers or {})
        if any(name.lower() == "content-type" for name in given) and body is None:
            headers = {}
        # Kestra: blanks in an address are mended, since they are common; nothing else is.
        call = Call(self.uri.strip().replace(" ", "%20"), self.method.upper(), {**headers, **given}, body)
        return call.with_query(self.params or {})

    def _body(self, ctx: RunContext) -> Body | None:
        if self.form_data and self.content_type.startswith("multipart/form-data"):
            return multipart({name: _field(ctx, value) for name, value in self.form_data.items()})
        if self.form_data:
            return form(self.form_data)
        if self.body is None:
            return None
        charset = self.chosen().default_charset
        try:
            content = self.body.encode(charset)
        except (LookupError, UnicodeError) as error:
            raise TaskFailed(f"The body can't be encoded: {error}") from None
        kind = self.content_type
        return Body.of(kind if ";" in kind else f"{kind}; charset={charset}", content)


def _log_request(ctx: RunContext, options: HttpOptions, call: Call) -> None:
    if "REQUEST_HEADERS" in options.logged:
        ctx.log("DEBUG", f"request: {call.method} {without_login(call.url)} {dict(call.headers)}")
    if "REQUEST_BODY" in options.logged and call.body is not None:
        ctx.log("DEBUG", f"request body: {b''.join(call.body.pieces())[:64_000].decode(errors='replace')}")


def _field(ctx: RunContext, value: object) -> str | Upload:
    if isinstance(value, str):
        return _upload(ctx, value, None) if value.startswith(STORED) else value
    if isinstance(value, Mapping) and {"name", "content"} <= set(value):
        content = plain_text(value["content"])
        if content.startswith(STORED):
            return _upload(ctx, content, plain_text(value["name"]))
        data = content.encode()
        import io

        return Upload(plain_text(value["name"]), len(data), lambda: io.BytesIO(data))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _upload(ctx: RunContext, address: str, name: str | None) -> Upload:
    address = NamespaceFiles(ctx.files).resolve(address, ctx.namespace)
    own = PurePosixPath(unquote(urlsplit(address).path)).name
    return Upload(name or own, ctx.files.size(address), lambda: ctx.files.open(address))
