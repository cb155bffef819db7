"""`io.kestra.plugin.line.LineExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._story import About
from kapell.plugins.notifications._webhook import Sending, in_json
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop

API = "https://api.line.me/v2/bot/message"


class LineExecution(Sending, About, RunnableTask[Void]):
    """Send a message about an execution to LINE, to all followers of an account or to some people."""

    service = "LINE"

    channel_access_token: Templated[str] = prop("The account's token.")
    url: Templated[str] | None = prop("Another address than LINE's own.", default=None)
    recipient_ids: Templated[list[str]] | None = prop("Who gets it; without it all followers.", default=None)
    text_body: Templated[str] | None = prop("The text, instead of the one that is made here.", default=None)

    aliases = ("io.kestra.plugin.notifications.line.LineExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'channelAccessToken: "{{ secret(\'LINE_TOKEN\') }}"\nexecutionId: "{{ trigger.executionId }}"',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Gather what is known and send it."""
        text = {"type": "text", "text": self.text_body or self.story(ctx).text}
        headers = {"Authorization": f"Bearer {self.channel_access_token}"}
        url = self.url or f"{API}/{'push' if self.recipient_ids else 'broadcast'}"
        for to in [{"to": recipient} for recipient in self.recipient_ids or ()] or [{}]:
            self.send(ctx, url, in_json({**to, "messages": [text]}), headers)
        return Void()
