"""Messages as Slack defined them, which others take too: a text, and a table attached to it."""

from __future__ import annotations

from kapell.plugins.notifications._story import Story, Telling, present
from kapell.sdk import Templated, prop


class Attaching(Telling):
    """Posts a text with a table of facts."""

    channel: Templated[str] | None = prop("The channel, where the webhook lets one choose.", default=None)
    username: Templated[str] | None = prop("Who sends it, where the webhook lets one choose.", default=None)
    icon_url: Templated[str] | None = prop("A picture of who sends it.", default=None)
    icon_emoji: Templated[str] | None = prop("The same as an emoji.", default=None)

    def message(self, story: Story) -> dict[str, object]:
        """The text, with what is known attached."""
        fields = [{"title": title, "value": value, "short": True} for title, value in story.fields.items()]
        return {
            "text": story.own or "\n".join(filter(None, (story.words, story.marked))),
            "attachments": [{"color": f"#{story.color}", "fields": fields}],
            **present(channel=self.channel, username=self.username, icon_url=self.icon_url, icon_emoji=self.icon_emoji),
        }
