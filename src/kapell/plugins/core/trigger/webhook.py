"""`io.kestra.plugin.core.trigger.Webhook`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from kapell.sdk import Example, Expression, Trigger, TriggerType, prop
from kapell.sdk.registry import canonical

LONGEST_KEY = 256
_MULTIPLE = "io.kestra.plugin.core.condition.MultipleCondition"


class Webhook(TriggerType):
    """Start the flow by a request to a URL that ends in a secret key.

    `trigger.body` is the body: JSON as what it is, all else as text; `trigger.headers` and `trigger.parameters` are
    lists by name.
    """

    key: Expression[str] = prop("The last part of the URL; whoever knows it may start the flow.", filled=True)
    inputs: Expression[Mapping[str, object]] | None = prop("Inputs of the executions that it starts.", default=None)
    fetch_type: Literal["FETCH", "STORE", "NONE"] = prop(
        "Whether the body is read, or stored as a file (`trigger.uri`), or left alone.", default="FETCH"
    )
    wait: bool = prop("Whether the answer waits for the end of the execution.", default=False)
    return_outputs: bool = prop("Whether the answer is the outputs of the flow; with `wait`.", default=False)
    response_content_type: str | None = prop(
        "`application/json` or `text/plain`; with `wait` and `returnOutputs`.", default=None
    )
    response_code: Expression[int] | None = prop("The status of the answer; with `wait`.", default=None)

    aliases = ("io.kestra.core.models.triggers.types.Webhook",)
    examples = (
        Example("With a key", "key: 4wjtkzwVGBM9yKnjm3yv8r"),
        Example("For one kind of event", "key: \"{{ secret('KEY') }}\"\nwhen: \"{{ trigger.body.type == 'push' }}\""),
    )

    @classmethod
    def check(cls, trigger: Trigger) -> Iterable[tuple[str, str]]:
        """Look at the key, the content type and the conditions."""
        given = trigger.properties
        if len(str(given.get("key", ""))) > LONGEST_KEY:
            yield "key", f"size must be between 0 and {LONGEST_KEY}"
        if given.get("response_content_type") not in (None, "application/json", "text/plain"):
            yield "", "invalid webhook: responseContentType must be either 'application/json' or 'text/plain'"
        conditions = given.get("conditions")
        for condition in conditions if isinstance(conditions, list | tuple) else ():
            if isinstance(condition, Mapping) and canonical(str(condition.get("type"))) == _MULTIPLE:
                yield "", "invalid webhook: conditions of type MultipleCondition are not supported"
