"""`io.kestra.plugin.microsoft365.teams.TeamsIncomingWebhook`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Alert
from kapell.sdk import Example


class TeamsIncomingWebhook(Alert):
    """Send a message to Microsoft Teams by an incoming webhook: an adaptive card or a message card."""

    service = "Microsoft Teams"

    aliases = ("io.kestra.plugin.notifications.teams.TeamsIncomingWebhook",)
    examples = (
        Example(
            "A message card",
            "url: \"{{ secret('TEAMS_WEBHOOK') }}\"\npayload: |\n"
            '  {"@type": "MessageCard", "@context": "http://schema.org/extensions", "summary": "Done",\n'
            '   "text": "Flow {{ flow.id }} is done."}',
        ),
    )
