"""`io.kestra.plugin.telegram.TelegramExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._story import About
from kapell.plugins.telegram._telegram import Telegram, message_of
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop


class TelegramExecution(Telegram, About, RunnableTask[Void]):
    """Send a message about an execution by a Telegram bot: which flow, in what state, how long it took."""

    payload: Templated[str] | None = prop(
        "The text, or Telegram's message with its `text` in JSON, instead of what is made here.", default=None
    )

    aliases = ("io.kestra.plugin.notifications.telegram.TelegramExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'token: "{{ secret(\'TELEGRAM_TOKEN\') }}"\nchannel: "2072728690"\n'
            'executionId: "{{ trigger.executionId }}"',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Gather what is known and send it."""
        self.tell(ctx, message_of(self.payload) if self.payload else {"text": self.story(ctx).text})
        return Void()
