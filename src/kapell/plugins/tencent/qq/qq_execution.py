"""`io.kestra.plugin.tencent.qq.QQExecution`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from kapell.plugins.notifications._story import Story, Telling
from kapell.plugins.tencent.qq._qq import QQ
from kapell.sdk import Example, RunContext, TaskFailed, Templated, prop


class QQExecution(QQ, Telling):
    """Send a message about an execution to QQ: which flow, in what state, how long it took, where to see it."""

    recipient_ids: Templated[list[str]] | None = prop("Who gets it, each in a request of its own.", default=None)

    examples = (
        Example(
            "About what a Flow trigger has seen",
            "url: \"{{ secret('TENCENT_IM_URL') }}\"\ntoken: \"{{ secret('TENCENT_IM_TOKEN') }}\"\n"
            'executionId: "{{ trigger.executionId }}"\nrecipientIds: ["100001"]',
        ),
    )

    def message(self, story: Story) -> dict[str, object]:
        """One text."""
        return {
            "MsgRandom": secrets.randbelow(2**31),
            "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": story.text}}],
        }

    def post(self, ctx: RunContext, message: Mapping[str, object]) -> None:
        """Send it to one after the other, unless the message itself says to whom it goes."""
        if "To_Account" not in message and not self.recipient_ids:
            raise TaskFailed("Either `recipientIds` or `To_Account` in `payload` must be given")
        to = [{}] if "To_Account" in message else [{"To_Account": recipient} for recipient in self.recipient_ids or ()]
        for recipient in to:
            super().post(ctx, {**recipient, **message})
