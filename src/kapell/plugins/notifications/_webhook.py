"""What the tasks that post to an incoming webhook share, whatever stands behind it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from kapell.sdk import RunContext, RunnableTask, TaskFailed, Templated, Void, prop
from kapell.sdk.http import Body, Call, HttpOptions, HttpRefused, perform
from kapell.sdk.http.options import options_from
from kapell.sdk.prop import Properties

JSON = "application/json; charset=UTF-8"
SHOWN_BYTES = 2000


class WebhookOptions(HttpOptions):
    """How the request is made."""

    headers: Templated[Mapping[str, str]] | None = prop("More headers of the request.", default=None)


class Reply(NamedTuple):
    """What the service said."""

    status: int
    headers: dict[str, list[str]]
    body: str


class Sending(Properties):
    """Sends something to a service, whose name is `service`."""

    service: ClassVar[str]

    options: WebhookOptions | None = prop("How the request is made.", default=None)

    def send(self, ctx: RunContext, url: str, body: Body, headers: Mapping[str, str] | None = None) -> Reply:
        """Send it; an answer that is no success fails the task."""
        given = self.options.headers if self.options is not None else None
        sent = {"Content-Type": body.type, **(headers or {}), **(given or {})}
        ctx.log("DEBUG", f"Send {self.service} webhook: {b''.join(body.pieces()).decode(errors='replace')}")
        try:
            with perform(Call(url, "POST", sent, body), self.options or options_from({})) as answer:
                ctx.on_cancel(answer.stop)
                reply = Reply(answer.status, answer.headers, answer.read(SHOWN_BYTES).decode(errors="replace"))
        except HttpRefused as error:
            raise TaskFailed(f"{self.service} webhook request failed with status {error.status}: {error}") from None
        ctx.log("DEBUG", f"Response: {reply.status} {reply.body}")
        return reply


class Posting(Sending):
    """Posts a message."""

    url: Templated[str] = prop("The address of the incoming webhook: a secret, since whoever has it can post.")

    def post(self, ctx: RunContext, message: Mapping[str, object]) -> None:
        """Send it as JSON."""
        self.send(ctx, self.url, in_json(message), self.headers())

    def headers(self) -> Mapping[str, str]:
        """What the service wants in the request's head."""
        return {}


class Alert(Posting, RunnableTask[Void]):
    """Posts what it is given."""

    payload: Templated[str] | None = prop("The message as the service defines it, in JSON.", default=None)

    def run(self, ctx: RunContext) -> Void:
        """Send it."""
        if self.payload is None:
            raise TaskFailed("`payload` must be given")
        self.post(ctx, message_in(self.payload))
        return Void()


def in_json(message: Mapping[str, object]) -> Body:
    """A message as the body of a request."""
    return Body.of(JSON, json.dumps(message, ensure_ascii=False).encode())


def message_in(payload: str) -> dict[str, object]:
    """The message that a payload is; what is no map of JSON fails the task."""
    try:
        message = json.loads(payload, strict=False)
    except ValueError as error:
        raise TaskFailed(f"payload: it is no JSON: {error}; text with quotes in it needs the filter `json`") from None
    if not isinstance(message, dict):
        raise TaskFailed("payload: it must be a map")
    return message
