"""`io.kestra.plugin.zulip.ZulipExecution`."""

from __future__ import annotations

from kapell.plugins.notifications._attachment import Attaching
from kapell.sdk import Example


class ZulipExecution(Attaching):
    """Send a message about an execution to Zulip: which flow, in what state, how long it took, where to see it."""

    service = "Zulip"

    aliases = ("io.kestra.plugin.notifications.zulip.ZulipExecution",)
    examples = (
        Example(
            "About what a Flow trigger has seen",
            'url: "{{ secret(\'ZULIP_WEBHOOK\') }}"\nexecutionId: "{{ trigger.executionId }}"\nchannel: alerts',
        ),
    )
