"""`io.kestra.plugin.slack.notifications.SlackExecution`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from kapell.plugins.slack.notifications._webhook import Posting, message_of
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop
from kapell.sdk.kv import plain_text

COLORS = {"SUCCESS": "#00a86b", "WARNING": "#ffa500", "FAILED": "#d0021b", "KILLED": "#d0021b"}
OTHER_COLOR = "#808080"


class SlackExecution(Posting, RunnableTask[Void]):
    """Send a message about an execution to Slack: which flow, in what state, how long it took, where to see it.

    All is known of the execution that a Flow trigger names and of the present one; of any other only its id.
    """

    execution_id: Templated[str] = prop("The execution.", default="{{ execution.id }}")
    custom_message: Templated[str] | None = prop("A text to put before all else.", default=None)
    custom_fields: Templated[Mapping[str, object]] | None = prop("More to tell, by its titles.", default=None)
    payload: Templated[str] | None = prop(
        "More of the message, in JSON, which replaces what is made here where both say the same.", default=None
    )
    message_text: Templated[str] | None = prop("The text, instead of the one that is made here.", default=None)
    channel: Templated[str] | None = prop("The channel, for webhooks of old.", default=None)
    username: Templated[str] | None = prop("Who sends it, for webhooks of old.", default=None)
    icon_url: Templated[str] | None = prop("A picture of who sends it, for webhooks of old.", default=None)
    icon_emoji: Templated[str] | None = prop("The same as an emoji.", default=None)

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

    def run(self, ctx: RunContext) -> Void:
        """Gather what is known and send it."""
        facts = facts_of(ctx, self.execution_id)
        fields = {title: plain_text(value) for title, value in _told(facts, self.custom_fields or {})}
        state = str(facts.get("state", ""))
        sender = {
            "channel": self.channel,
            "username": self.username,
            "icon_url": self.icon_url,
            "icon_emoji": self.icon_emoji,
        }
        message: dict[str, object] = {
            "text": "\n".join(filter(None, (self.custom_message, headline(facts)))),
            "attachments": [
                {
                    "color": COLORS.get(state, OTHER_COLOR),
                    "fields": [{"title": title, "value": value, "short": True} for title, value in fields.items()],
                }
            ],
            **{name: value for name, value in sender.items() if value is not None},
        }
        own = message_of(self.payload, self.message_text) if self.payload or self.message_text else {}
        self.post(ctx, {**message, **own})
        return Void()


def facts_of(ctx: RunContext, execution_id: str) -> dict[str, object]:
    """What is known of an execution."""
    facts: dict[str, object] = {"id": execution_id}
    trigger = ctx.variables.get("trigger")
    if execution_id == ctx.execution_id:
        execution = ctx.variables.get("execution")
        known = execution if isinstance(execution, Mapping) else {}
        facts |= {"namespace": ctx.namespace, "flowId": ctx.flow_id, "endDate": ctx.now}
        facts |= {key: known[key] for key in ("state", "startDate") if key in known}
    elif isinstance(trigger, Mapping) and trigger.get("executionId") == execution_id:
        wanted = ("namespace", "flowId", "state", "startDate", "endDate", "firstFailedTaskId", "lastTaskId")
        facts |= {key: trigger[key] for key in wanted if trigger.get(key) is not None}
    base = ctx.render_text("{{ kestra.url ?? '' }}").rstrip("/")
    if base and "flowId" in facts:
        facts["link"] = f"{base}/ui/main/executions/{facts['namespace']}/{facts['flowId']}/{execution_id}"
    return facts


def headline(facts: Mapping[str, object]) -> str:
    """One sentence, with the link if there is one."""
    name = f"{facts['namespace']}.{facts['flowId']}" if "flowId" in facts else str(facts["id"])
    shown = f"<{facts['link']}|{name}>" if "link" in facts else name
    state = str(facts.get("state", "")).lower()
    return f"*Execution of {shown}*" + (f" is *{state}*" if state else "")


def _told(facts: Mapping[str, object], more: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    titles = {
        "namespace": "Namespace",
        "flowId": "Flow",
        "id": "Execution",
        "state": "Status",
        "firstFailedTaskId": "Failed task",
        "lastTaskId": "Last task",
    }
    yield from ((title, facts[key]) for key, title in titles.items() if key in facts)
    start, end = (_moment(facts.get(key)) for key in ("startDate", "endDate"))
    if start is not None:
        yield "Started", start.isoformat(timespec="seconds")
        if end is not None:
            yield "Duration", f"{(end - start).total_seconds():.1f} s"
    yield from more.items()


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
