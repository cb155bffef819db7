"""What there is to tell of an execution, gathered for whichever service it is told to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from kapell.plugins.notifications._webhook import Posting, message_in
from kapell.sdk import RunContext, RunnableTask, Templated, Void, prop
from kapell.sdk.kv import plain_text
from kapell.sdk.prop import Properties

COLORS = {"SUCCESS": "00a86b", "WARNING": "ffa500", "FAILED": "d0021b", "KILLED": "d0021b"}
OTHER_COLOR = "808080"
SEVERITIES = {"SUCCESS": "info", "WARNING": "warning"}


@dataclass(frozen=True, slots=True)
class Story:
    """`facts` are what is known of the execution, `fields` the same and what was added, by their titles."""

    facts: Mapping[str, object]
    fields: Mapping[str, str]
    words: str | None = None
    own: str | None = None

    @property
    def name(self) -> str:
        """The flow, or at least the execution's id."""
        return f"{self.facts['namespace']}.{self.facts['flowId']}" if "flowId" in self.facts else str(self.facts["id"])

    @property
    def state(self) -> str:
        """The execution's state; empty where it is unknown."""
        return str(self.facts.get("state", ""))

    @property
    def link(self) -> str | None:
        """Where to see it."""
        return str(self.facts["link"]) if "link" in self.facts else None

    @property
    def color(self) -> str:
        """That of its state, in hexadecimal digits."""
        return COLORS.get(self.state, OTHER_COLOR)

    @property
    def severity(self) -> str:
        """How bad it is: info, warning or error."""
        return SEVERITIES.get(self.state, "error")

    @property
    def sentence(self) -> str:
        """One sentence without any marks."""
        return f"Execution of {self.name}" + (f" is {self.state.lower()}" if self.state else "")

    @property
    def marked(self) -> str:
        """The sentence as Slack marks what is strong, with the link."""
        shown = f"<{self.link}|{self.name}>" if self.link else self.name
        return f"*Execution of {shown}*" + (f" is *{self.state.lower()}*" if self.state else "")

    @property
    def text(self) -> str:
        """All of it in lines; the text that was given instead, if one was."""
        fields = (f"{title}: {value}" for title, value in self.fields.items())
        return self.own or "\n".join(filter(None, (self.words, self.sentence, *fields, self.link)))


class About(Properties):
    """Tells of an execution."""

    execution_id: Templated[str] = prop("The execution.", default="{{ execution.id }}")
    custom_message: Templated[str] | None = prop("A text to put before all else.", default=None)
    custom_fields: Templated[Mapping[str, object]] | None = prop("More to tell, by its titles.", default=None)

    def story(self, ctx: RunContext, own: str | None = None) -> Story:
        """Gather what is known; `own` is a text to tell instead."""
        facts = facts_of(ctx, self.execution_id)
        fields = {title: plain_text(value) for title, value in _told(facts, self.custom_fields or {})}
        return Story(facts, fields, self.custom_message, own)


class Telling(Posting, About, RunnableTask[Void]):
    """Posts a message about an execution."""

    payload: Templated[str] | None = prop(
        "A text to send instead of the one that is made here. Or, in JSON, more of the message, which replaces what is "
        "made here where both say the same.",
        default=None,
    )

    def run(self, ctx: RunContext) -> Void:
        """Gather what is known and send it."""
        text, own = own_message(self.payload)
        self.post(ctx, {**self.message(self.story(ctx, text)), **own})
        return Void()

    def message(self, story: Story) -> dict[str, object]:
        """The message as the service wants it."""
        raise NotImplementedError


def own_message(payload: str | None) -> tuple[str | None, dict[str, object]]:
    """What a payload says: a text, or parts of the message; what begins like JSON and is none fails the task."""
    if payload is None or not payload.strip():
        return None, {}
    return (None, message_in(payload)) if payload.lstrip().startswith("{") else (payload, {})


def present(**parts: object) -> dict[str, object]:
    """Those parts of a message that there are."""
    return {name: part for name, part in parts.items() if part is not None}


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
