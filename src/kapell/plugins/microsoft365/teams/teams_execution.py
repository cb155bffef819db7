"""`io.kestra.plugin.microsoft365.teams.TeamsExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._story import Story, Telling
from kapell.sdk import Example, Templated, prop


class TeamsExecution(Telling):
    """Send a message card about an execution to Microsoft Teams: which flow, in what state, where to see it."""

    service = "Microsoft Teams"

    theme_color: Templated[str] = prop("The card's color in hexadecimal digits.", default="0076D7")
    activity_title: Templated[str] | None = prop("The title, instead of the one that is made here.", default=None)
    activity_subtitle: Templated[str] | None = prop("What stands below the title.", default=None)

    aliases = ("io.kestra.plugin.notifications.teams.TeamsExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'url: "{{ secret(\'TEAMS_WEBHOOK\') }}"\nexecutionId: "{{ trigger.executionId }}"',
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """A card with a table of what is known, and a button that leads to the execution."""
        section: dict[str, object] = {
            "activityTitle": self.activity_title or story.own or story.sentence,
            "activitySubtitle": self.activity_subtitle or story.words or "",
            "facts": [{"name": title, "value": value} for title, value in story.fields.items()],
            "markdown": True,
        }
        button = {
            "@type": "OpenUri",
            "name": "See the execution",
            "targets": [{"os": "default", "uri": story.link}],
        }
        return {
            "@type": "MessageCard",
            "@context": "http://schema.org/extensions",
            "themeColor": self.theme_color,
            "summary": story.sentence,
            "sections": [section],
            "potentialAction": [button] if story.link else [],
        }
