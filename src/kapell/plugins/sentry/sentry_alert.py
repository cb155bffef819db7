"""`io.kestra.plugin.sentry.SentryAlert`."""

from __future__ import annotations

import uuid

from kapell.plugins.notifications._story import About
from kapell.plugins.notifications._webhook import message_in
from kapell.plugins.sentry._sentry import Sentry
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop


class SentryAlert(Sentry, RunnableTask[Void]):
    """Send an event to Sentry; without a payload it tells of the present execution."""

    payload: Templated[str] | None = prop("The event as Sentry defines it, in JSON.", default=None)

    aliases = ("io.kestra.plugin.notifications.sentry.SentryAlert",)
    examples = (
        Example("That this execution failed", "dsn: \"{{ secret('SENTRY_DSN') }}\""),
        Example(
            "An event of one's own",
            "dsn: \"{{ secret('SENTRY_DSN') }}\"\npayload: |\n"
            '  {"level": "warning", "message": {"message": "Few rows in {{ flow.id }}"}}',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Send it."""
        event = message_in(self.payload) if self.payload else _event(ctx)
        self.report(ctx, {"event_id": uuid.uuid4().hex, "timestamp": ctx.now.isoformat(), **event})
        return Void()


def _event(ctx: RunContext) -> dict[str, object]:
    about = About()
    about.execution_id, about.custom_message, about.custom_fields = ctx.execution_id, None, None
    story = about.story(ctx)
    text = {"message": f"Execution {ctx.execution_id} failed"}
    return {"platform": "python", "level": "error", "message": text, "extra": dict(story.fields)}
