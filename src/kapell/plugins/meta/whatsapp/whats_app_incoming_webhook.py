"""`io.kestra.plugin.meta.whatsapp.WhatsAppIncomingWebhook`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.sdk import Example


class WhatsAppIncomingWebhook(Alert):
    """Send a message to WhatsApp by an incoming webhook."""

    service = "WhatsApp"

    aliases = ("io.kestra.plugin.notifications.whatsapp.WhatsAppIncomingWebhook",)
    examples = (
        Example(
            "A text",
            "url: \"{{ secret('WHATSAPP_WEBHOOK') }}\"\npayload: |\n"
            '  {"messages": [{"from": "380999999999", "type": "text", "text": {"body": "Flow {{ flow.id }} failed"}}]}',
        ),
    )
