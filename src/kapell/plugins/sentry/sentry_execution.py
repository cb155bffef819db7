"""`io.kestra.plugin.sentry.SentryExecution`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Literal

from kapell.plugins.notifications._story import About, own_message, present
from kapell.plugins.sentry._sentry import Sentry
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop


class SentryExecution(Sentry, About, RunnableTask[Void]):
    """Send an event about an execution to Sentry: which flow, in what state, how long it took, where to see it."""

    payload: Templated[str] | None = prop(
        "A text instead of the one that is made here, or more of the event in JSON.", default=None
    )
    event_id: Templated[str] | None = prop("The event's id: 32 hexadecimal digits; one is made if none.", default=None)
    platform: Templated[str] = prop("The platform that the event is said to come from.", default="JAVA")
    level: Templated[Literal["FATAL", "ERROR", "WARNING", "INFO", "DEBUG"]] = prop("How bad it is.", default="ERROR")
    transaction: Templated[str] | None = prop("The name of what was being done.", default=None)
    server_name: Templated[str] | None = prop("The host that it happened on.", default=None)
    extra: Templated[Mapping[str, object]] | None = prop("More to store with the event.", default=None)
    errors: Templated[Mapping[str, object]] | None = prop("What went wrong in the making of the event.", default=None)

    aliases = ("io.kestra.plugin.notifications.sentry.SentryExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'dsn: "{{ secret(\'SENTRY_DSN\') }}"\nexecutionId: "{{ trigger.executionId }}"\nlevel: ERROR',
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Gather what is known and send it."""
        text, own = own_message(self.payload)
        story = self.story(ctx, text)
        event = present(
            event_id=self.event_id or uuid.uuid4().hex,
            timestamp=ctx.now.isoformat(),
            platform=self.platform.lower(),
            level=self.level.lower(),
            transaction=self.transaction,
            server_name=self.server_name,
            message={"message": text or ": ".join(filter(None, (story.words, story.sentence)))},
            extra={**story.fields, **present(Link=story.link), **(self.extra or {})},
            errors=self.errors,
        )
        self.report(ctx, {**event, **own})
        return Void()
