"""`io.kestra.plugin.googleworkspace.chat.GoogleChatExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._story import Story, Telling
from kapell.sdk import Example, Templated, prop


class GoogleChatExecution(Telling):
    """Send a message about an execution to Google Chat: which flow, in what state, how long it took, where it is."""

    service = "Google Chat"

    text: Templated[str] | None = prop("The text, instead of the one that is made here.", default=None)

    aliases = ("io.kestra.plugin.notifications.google.GoogleChatExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'url: "{{ secret(\'GOOGLE_WEBHOOK\') }}"\nexecutionId: "{{ trigger.executionId }}"',
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """The sentence, then a line for all that is known."""
        lines = [f"{title}: {value}" for title, value in story.fields.items()]
        made = "\n".join(filter(None, (story.words, story.marked, *lines)))
        return {"text": self.text or story.own or made}
