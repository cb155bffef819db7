"""`io.kestra.plugin.zulip.ZulipIncomingWebhook`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.sdk import Example


class ZulipIncomingWebhook(Alert):
    """Send a message to Zulip by an incoming webhook that takes Slack's messages."""

    service = "Zulip"

    aliases = ("io.kestra.plugin.notifications.zulip.ZulipIncomingWebhook",)
    examples = (
        Example(
            "A text",
            "url: \"{{ secret('ZULIP_WEBHOOK') }}\"\npayload: |\n"
            '  {"text": "Flow {{ flow.id }} failed: {{ execution.id }}"}',
        ),
    )
