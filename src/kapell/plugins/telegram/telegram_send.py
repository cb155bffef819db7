"""`io.kestra.plugin.telegram.TelegramSend`."""

from __future__ import annotations

from kapell.plugins.telegram._telegram import Telegram, message_of
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, Void, prop


class TelegramSend(Telegram, RunnableTask[Void]):
    """Send a message by a Telegram bot."""

    payload: Templated[str] | None = prop("The text, or Telegram's message with its `text` in JSON.", default=None)

    aliases = ("io.kestra.plugin.notifications.telegram.TelegramSend",)
    examples = (
        Example(
            "A text",
            'token: "{{ secret(\'TELEGRAM_TOKEN\') }}"\nchannel: "2072728690"\npayload: "Flow {{ flow.id }} failed"',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Send it."""
        if self.payload is None:
            raise TaskFailed("`payload` must be given")
        self.tell(ctx, message_of(self.payload))
        return Void()
