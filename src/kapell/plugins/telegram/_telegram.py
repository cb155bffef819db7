"""How one speaks to Telegram's bots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from kapell.plugins.notifications._story import present
from kapell.plugins.notifications._webhook import Sending, in_json
from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.http import HttpFailed

MODES = {"HTML": "HTML", "MARKDOWNV2": "MarkdownV2"}


class Telegram(Sending):
    """Sends by a bot."""

    service = "Telegram"

    token: Templated[str] = prop("The bot's token.")
    channel: Templated[str] = prop("The chat, channel or user that gets it.")
    parse_mode: Templated[Literal["HTML", "MARKDOWNV2"]] | None = prop(
        "How the text is marked up; without it, it is plain.", default=None
    )
    endpoint_override: Templated[str] = prop("Another server than Telegram's.", default="https://api.telegram.org")

    def tell(self, ctx: RunContext, message: Mapping[str, object]) -> None:
        """Send it to the chat; what fails does not tell the token."""
        mode = MODES[self.parse_mode] if self.parse_mode else None
        sent = {**present(chat_id=self.channel, parse_mode=mode), **message}
        try:
            self.send(ctx, f"{self.endpoint_override}/bot{self.token}/sendMessage", in_json(sent))
        except (HttpFailed, TaskFailed) as error:
            raise TaskFailed(str(error).replace(self.token, "******")) from None


def message_of(payload: str) -> dict[str, object]:
    """A map of JSON with a `text` is Telegram's message, all else the text of one."""
    try:
        message = json.loads(payload, strict=False)
    except ValueError:
        return {"text": payload}
    return message if isinstance(message, dict) and "text" in message else {"text": payload}
