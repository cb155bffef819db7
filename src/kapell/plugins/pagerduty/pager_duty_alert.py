"""`io.kestra.plugin.pagerduty.PagerDutyAlert`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.sdk import Example


class PagerDutyAlert(Alert):
    """Send an event to PagerDuty."""

    service = "PagerDuty"

    aliases = ("io.kestra.plugin.notifications.pagerduty.PagerDutyAlert",)
    examples = (
        Example(
            "Page whoever is on call",
            "url: https://events.pagerduty.com/v2/enqueue\npayload: |\n"
            '  {"routing_key": "{{ secret(\'PAGERDUTY_KEY\') }}", "event_action": "trigger",\n'
            '   "payload": {"summary": "Flow {{ flow.id }} failed", "source": "kapell", "severity": "critical"}}',
        ),
    )
