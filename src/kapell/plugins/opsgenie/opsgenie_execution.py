"""`io.kestra.plugin.opsgenie.OpsgenieExecution`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.plugins.notifications._story import Story, Telling, present
from kapell.plugins.opsgenie._opsgenie import Opsgenie
from kapell.sdk import Example, Templated, prop

LONGEST = 130
"""So many characters of a title does Opsgenie take."""


class OpsgenieExecution(Opsgenie, Telling):
    """Raise an alert about an execution in Opsgenie: which flow, in what state, how long it took, where to see it."""

    title: Templated[str] | None = prop("The title, instead of the one that is made here.", default=None, key="message")
    alias: Templated[str] | None = prop("What makes two alerts the same.", default=None)
    responders: Templated[Mapping[str, str]] | None = prop(
        "Who shall care: ids, each with its kind (team, user, escalation, schedule).", default=None
    )
    visible_to: Templated[Mapping[str, str]] | None = prop("Who may see it: ids with their kinds.", default=None)
    tags: Templated[list[str]] | None = prop("Tags of the alert.", default=None)
    priority: Templated[str] | None = prop("From P1, the highest, to P5.", default=None)

    aliases = ("io.kestra.plugin.notifications.opsgenie.OpsgenieExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            "url: https://api.opsgenie.com/v2/alerts\nauthorizationToken: \"{{ secret('OPSGENIE_KEY') }}\"\n"
            'executionId: "{{ trigger.executionId }}"\nalias: "{{ trigger.flowId }}"\npriority: P1\n'
            "responders:\n  4513b7ea-3b91-438f-b7e4-e3e54af9147c: team",
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """An alert with what is known as its details."""
        return present(
            message=(self.title or story.own or story.sentence)[:LONGEST],
            description=story.text,
            details=dict(story.fields),
            alias=self.alias,
            responders=_people(self.responders),
            visibleTo=_people(self.visible_to),
            tags=self.tags,
            priority=self.priority,
        )


def _people(kinds: Mapping[str, str] | None) -> list[dict[str, str]] | None:
    return [{"id": id, "type": kind} for id, kind in kinds.items()] if kinds else None
