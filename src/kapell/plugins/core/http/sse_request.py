"""`io.kestra.plugin.core.http.SseRequest`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

from kapell.expr.budget import Budget
from kapell.expr.environment import Limits
from kapell.expr.jq import run_jq
from kapell.plugins.core.http._events import events
from kapell.plugins.core.http._request import Requesting
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop

MOST_EVENTS = 100_000


class SseRequestOutput(Output, frozen=True, kw_only=True):
    """The events, or what was taken out of them."""

    uri: str
    size: int
    events: Sequence[Mapping[str, object]] | None = None
    result: str | None = None


class SseRequest(Requesting, RunnableTask[SseRequestOutput]):
    """Listen to the events that a web server sends until it ends the stream or enough have come."""

    concat_jq_expression: Templated[str] | None = prop(
        "A jq expression for each event, a map with `data`, `id` and `name`; what it gives is joined to one text.",
        default=None,
    )
    failed_on_missing_jq: Templated[bool] = prop(
        "Whether an event fails the task for which the expression gives no text, number or boolean.", default=True
    )
    max_events: Templated[int] = prop("How many events are enough.", default=MOST_EVENTS, least=1)

    aliases = ("io.kestra.plugin.fs.http.SseRequest",)
    examples = (
        Example("The first ten events", "uri: https://example.com/events\nmaxEvents: 10"),
        Example(
            "The text of an answer that comes in pieces",
            "uri: https://example.com/chat\nconcatJqExpression: .data.text",
        ),
    )

    def run(self, ctx: RunContext) -> SseRequestOutput:
        """Listen."""
        with self.asked(ctx, accept="text/event-stream") as answer:
            heard = list(islice(events(answer.read_some), self.max_events))
        ctx.metric("size", len(heard))
        if self.concat_jq_expression is None:
            return SseRequestOutput(uri=self.call(ctx).url, size=len(heard), events=heard)
        return SseRequestOutput(uri=self.call(ctx).url, size=len(heard), result=self._joined(ctx, heard))

    def _joined(self, ctx: RunContext, heard: Sequence[Mapping[str, object]]) -> str:
        expression, texts = self.concat_jq_expression or "", []
        for event in heard:
            try:
                texts += [_text(value) for value in run_jq(expression, event, Budget(Limits()))]
            except ValueError as error:
                sentence = f"Failed to resolve JQ expression '{expression}' and value '{event}': {error}"
                if self.failed_on_missing_jq:
                    raise TaskFailed(sentence) from None
                ctx.log("DEBUG", f"{sentence}. Skipping this event.")
        return "".join(texts)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"it gives {type(value).__name__}, which is no text")
