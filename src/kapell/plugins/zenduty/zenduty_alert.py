"""`io.kestra.plugin.zenduty.ZendutyAlert`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.sdk import Example


class ZendutyAlert(Alert):
    """Raise an alert in Zenduty."""

    service = "Zenduty"

    aliases = ("io.kestra.plugin.notifications.zenduty.ZendutyAlert",)
    examples = (
        Example(
            "A critical one",
            "url: \"https://www.zenduty.com/api/events/{{ secret('ZENDUTY_KEY') }}/\"\npayload: |\n"
            '  {"alert_type": "critical", "message": "Flow {{ flow.id }} failed", "summary": "See the execution"}',
        ),
    )
