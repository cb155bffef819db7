"""`io.kestra.plugin.opsgenie.OpsgenieAlert`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.plugins.opsgenie._opsgenie import Opsgenie
from kapell.sdk import Example


class OpsgenieAlert(Opsgenie, Alert):
    """Raise an alert in Opsgenie."""

    aliases = ("io.kestra.plugin.notifications.opsgenie.OpsgenieAlert",)
    examples = (
        Example(
            "For one team",
            "url: https://api.opsgenie.com/v2/alerts\nauthorizationToken: \"{{ secret('OPSGENIE_KEY') }}\"\n"
            'payload: |\n  {"message": "Flow {{ flow.id }} failed", "priority": "P1",\n'
            '   "responders": [{"name": "Data", "type": "team"}]}',
        ),
    )
