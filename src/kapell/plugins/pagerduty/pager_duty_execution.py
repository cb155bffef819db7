"""`io.kestra.plugin.pagerduty.PagerDutyExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._story import Story, Telling, present
from kapell.sdk import Example, Templated, prop

LONGEST = 1024
"""So many characters of a summary does PagerDuty take."""


class PagerDutyExecution(Telling):
    """Send an event about an execution to PagerDuty: which flow, in what state, how long it took, where to see it."""

    service = "PagerDuty"

    routing_key: Templated[str] | None = prop("The key of the integration that gets it.", default=None)
    deduplication_key: Templated[str] | None = prop("What makes two events the same incident.", default=None)
    event_action: Templated[str] = prop("What happens: trigger, acknowledge or resolve.", default="trigger")
    payload_summary: Templated[str] | None = prop("The summary, instead of the one that is made here.", default=None)

    aliases = ("io.kestra.plugin.notifications.pagerduty.PagerDutyExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            "url: https://events.pagerduty.com/v2/enqueue\nroutingKey: \"{{ secret('PAGERDUTY_KEY') }}\"\n"
            'executionId: "{{ trigger.executionId }}"\ndeduplicationKey: "{{ trigger.flowId }}"',
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """An event with what is known as its details."""
        summary = self.payload_summary or story.own or ": ".join(filter(None, (story.words, story.sentence)))
        return present(
            routing_key=self.routing_key,
            dedup_key=self.deduplication_key,
            event_action=self.event_action,
            payload={
                "summary": summary[:LONGEST],
                "source": story.name,
                "severity": story.severity,
                "custom_details": dict(story.fields),
            },
            links=[{"href": story.link, "text": "The execution"}] if story.link else None,
        )
