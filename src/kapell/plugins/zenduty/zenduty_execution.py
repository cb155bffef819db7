"""`io.kestra.plugin.zenduty.ZendutyExecution`."""

from __future__ import annotations

from typing import Literal

from kapell.plugins.notifications._story import Story, Telling, present
from kapell.sdk import Example, Templated, prop

AlertType = Literal["CRITICAL", "ACKNOWLEDGED", "RESOLVED", "ERROR", "WARNING", "INFO"]


class ZendutyExecution(Telling):
    """Raise an alert about an execution in Zenduty: which flow, in what state, how long it took, where to see it."""

    service = "Zenduty"

    title: Templated[str] | None = prop("The title, instead of the one that is made here.", default=None, key="message")
    summary: Templated[str] | None = prop("The text, instead of the one that is made here.", default=None)
    alert_type: Templated[AlertType] | None = prop(
        "Its kind; without it, what the state of the execution says.", default=None
    )
    entity_id: Templated[str] | None = prop("What makes two alerts the same.", default=None)
    urls: Templated[list[object]] | None = prop(
        "Addresses that belong to it: texts, or maps of `link_url` and `link_text`.", default=None
    )

    aliases = ("io.kestra.plugin.notifications.zenduty.ZendutyExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            "url: \"https://www.zenduty.com/api/events/{{ secret('ZENDUTY_KEY') }}/\"\n"
            'executionId: "{{ trigger.executionId }}"',
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """An alert with what is known as its payload."""
        link = [{"link_url": story.link, "link_text": "The execution"}] if story.link else None
        return present(
            message=self.title or story.own or story.sentence,
            summary=self.summary or story.text,
            alert_type=self.alert_type.lower() if self.alert_type else story.severity,
            entity_id=self.entity_id,
            payload=dict(story.fields),
            urls=self.urls or link,
        )
