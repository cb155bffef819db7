"""What the tasks that post to an incoming webhook share."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.http import Body, Call, HttpOptions, HttpRefused, perform
from kapell.sdk.http.options import options_from
from kapell.sdk.prop import Properties

SHOWN_BYTES = 2000


class WebhookOptions(HttpOptions):
    """How the request is made."""

    headers: Templated[Mapping[str, str]] | None = prop("More headers of the request.", default=None)


class Posting(Properties):
    """Posts a message."""

    url: Templated[str] = prop("The address of the incoming webhook: a secret, since whoever has it can post.")
    options: WebhookOptions | None = prop("How the request is made.", default=None)

    def post(self, ctx: RunContext, message: Mapping[str, object]) -> None:
        """Send it; an answer that is no success fails the task."""
        given = self.options.headers if self.options is not None else None
        content = json.dumps(message, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=UTF-8", **(given or {})}
        call = Call(self.url, "POST", headers, Body.of(headers["Content-Type"], content))
        ctx.log("DEBUG", f"Send Slack webhook: {content.decode()}")
        try:
            with perform(call, self.options or options_from({})) as answer:
                ctx.on_cancel(answer.stop)
                ctx.log("DEBUG", f"Response: {answer.status} {answer.read(SHOWN_BYTES).decode(errors='replace')}")
        except HttpRefused as error:
            raise TaskFailed(f"Slack webhook request failed with status {error.status}: {error}") from None


def message_of(payload: str | None, text: str | None) -> dict[str, object]:
    """The message that a payload is, with `text` in it if given; what is no map of JSON fails the task."""
    if payload is None:
        if text is None:
            raise TaskFailed("Either `payload` or `messageText` must be given")
        return {"text": text}
    try:
        message = json.loads(payload, strict=False)
    except ValueError as error:
        raise TaskFailed(f"payload: it is no JSON: {error}; text with quotes in it needs the filter `json`") from None
    if not isinstance(message, dict):
        raise TaskFailed("payload: it must be a map")
    return message if text is None else {**message, "text": text}
