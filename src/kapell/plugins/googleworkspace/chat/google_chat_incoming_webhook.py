"""`io.kestra.plugin.googleworkspace.chat.GoogleChatIncomingWebhook`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.sdk import Example


class GoogleChatIncomingWebhook(Alert):
    """Send a message to Google Chat by an incoming webhook."""

    service = "Google Chat"

    aliases = ("io.kestra.plugin.notifications.google.GoogleChatIncomingWebhook",)
    examples = (
        Example(
            "A text",
            "url: \"{{ secret('GOOGLE_WEBHOOK') }}\"\npayload: |\n"
            '  {"text": "Flow {{ flow.id }} failed: {{ execution.id }}"}',
        ),
    )
