"""`io.kestra.plugin.slack.notifications.SlackIncomingWebhook`."""

from __future__ import annotations

from kapell.plugins.notifications._webhook import Posting, message_in
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, Void, prop


class SlackIncomingWebhook(Posting, RunnableTask[Void]):
    """Send a message to Slack, or to whatever takes the same messages, by an incoming webhook."""

    service = "Slack"

    payload: Templated[str] | None = prop("The message as Slack defines it, in JSON: blocks and more.", default=None)
    message_text: Templated[str] | None = prop("The text of the message; nothing in it needs a quote.", default=None)

    aliases = (
        "io.kestra.plugin.notifications.slack.SlackIncomingWebhook",
        "io.kestra.plugin.slack.SlackIncomingWebhook",
    )
    examples = (
        Example(
            "A text",
            'url: "{{ secret(\'SLACK_WEBHOOK\') }}"\nmessageText: "Flow {{ flow.id }} failed: {{ execution.id }}"',
        ),
        Example(
            "Blocks",
            "url: \"{{ secret('SLACK_WEBHOOK') }}\"\npayload: |\n"
            '  {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Done:* {{ flow.id }}"}}]}',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Send it."""
        if self.payload is None and self.message_text is None:
            raise TaskFailed("Either `payload` or `messageText` must be given")
        message = message_in(self.payload) if self.payload is not None else {}
        self.post(ctx, message if self.message_text is None else {**message, "text": self.message_text})
        return Void()
