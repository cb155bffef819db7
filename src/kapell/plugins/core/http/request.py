"""`io.kestra.plugin.core.http.Request`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message

from kapell.plugins.core.http._request import Requesting
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop


class RequestOutput(Output, frozen=True, kw_only=True):
    """The answer."""

    uri: str
    code: int
    headers: Mapping[str, Sequence[str]]
    body: str


class Request(Requesting, RunnableTask[RequestOutput]):
    """Make an HTTP request and give back the answer as text; for large ones there is `Download`."""

    encrypt_body: Templated[bool] = prop(
        "Refused where it is true: bodies in outputs are not encrypted; mask a secret, or do not fetch it.",
        default=False,
    )

    aliases = ("io.kestra.plugin.fs.http.Request",)
    examples = (
        Example("Ask an API", "uri: https://dummyjson.com/products/1"),
        Example(
            "Send JSON as somebody",
            'uri: https://dummyjson.com/products/add\nmethod: POST\nbody: \'{"title": "Pen"}\'\n'
            "options:\n  auth:\n    type: BEARER\n    token: \"{{ secret('API_TOKEN') }}\"",
        ),
        Example(
            "Upload a file",
            "uri: https://server.com/upload\nmethod: POST\ncontentType: multipart/form-data\n"
            'formData:\n  file:\n    name: orders.csv\n    content: "{{ outputs.download.uri }}"',
        ),
    )

    def run(self, ctx: RunContext) -> RequestOutput:
        """Make it."""
        if self.encrypt_body:
            raise TaskFailed("encryptBody: bodies in outputs can't be encrypted")
        options = self.chosen()
        with self.asked(ctx) as answer:
            content = answer.read(options.max_content_length + 1)
            if len(content) > options.max_content_length:
                raise TaskFailed(
                    f"The answer has more than {options.max_content_length} bytes (options.maxContentLength): "
                    "the task Download takes any size"
                )
            ctx.metric("response.length", len(content))
            text = decoded(content, answer.header("Content-Type") or "")
            if "RESPONSE_BODY" in options.logged:
                ctx.log("DEBUG", f"response body: {text}")
            return RequestOutput(uri=self.call(ctx).url, code=answer.status, headers=answer.headers, body=text)


def decoded(content: bytes, kind: str) -> str:
    """The text in the charset that its type names, else in UTF-8."""
    header = Message()
    header["Content-Type"] = kind
    charset = header.get_content_charset("utf-8")
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
