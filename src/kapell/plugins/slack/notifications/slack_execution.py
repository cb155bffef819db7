"""`io.kestra.plugin.slack.notifications.SlackExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._attachment import Attaching
from kapell.plugins.notifications._story import Story, present
from kapell.sdk import Example, Templated, prop


class SlackExecution(Attaching):
    """Send a message about an execution to Slack: which flow, in what state, how long it took, where to see it.

    All is known of the execution that a Flow trigger names and of the present one; of any other only its id.
    """

    service = "Slack"

    message_text: Templated[str] | None = prop("The text, instead of the one that is made here.", default=None)

    aliases = (
        "io.kestra.plugin.notifications.slack.SlackExecution",
        "io.kestra.plugin.slack.SlackExecution",
    )
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'url: "{{ secret(\'SLACK_WEBHOOK\') }}"\nexecutionId: "{{ trigger.executionId }}"\n'
            "customFields:\n  Team: data",
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """The text, with what is known attached."""
        return super().message(story) | present(text=self.message_text)
