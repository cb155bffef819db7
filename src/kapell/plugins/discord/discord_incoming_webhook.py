"""`io.kestra.plugin.discord.DiscordIncomingWebhook`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.sdk import Example


class DiscordIncomingWebhook(Alert):
    """Send a message to Discord by an incoming webhook."""

    service = "Discord"

    aliases = ("io.kestra.plugin.notifications.discord.DiscordIncomingWebhook",)
    examples = (
        Example(
            "A text",
            "url: \"{{ secret('DISCORD_WEBHOOK') }}\"\npayload: |\n"
            '  {"username": "kapell", "content": "Flow {{ flow.id }} failed: {{ execution.id }}"}',
        ),
    )
