"""How one speaks to Sentry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit

from kapell.plugins.notifications._webhook import JSON, Sending
from kapell.sdk import RunContext, TaskFailed, Templated, prop
from kapell.sdk.http import Body


class Sentry(Sending):
    """Sends an event."""

    service = "Sentry"

    dsn: Templated[str] = prop("The project's DSN, or the address of an endpoint as it is.")
    endpoint_type: Templated[Literal["ENVELOPE", "STORE"]] = prop(
        "How events are sent: STORE to servers of old.", default="ENVELOPE"
    )

    def report(self, ctx: RunContext, event: Mapping[str, object]) -> None:
        """Send it."""
        url = self._endpoint()
        text = json.dumps(event, ensure_ascii=False)
        if self.endpoint_type == "ENVELOPE":
            head = {"event_id": event["event_id"], "dsn": self.dsn, "sent_at": ctx.now.isoformat()}
            item = {"type": "event", "length": len(text.encode()), "content_type": "application/json"}
            text = "\n".join((json.dumps(head), json.dumps(item), text, ""))
        self.send(ctx, url, Body.of(JSON, text.encode()))

    def _endpoint(self) -> str:
        try:
            dsn = urlsplit(self.dsn)
        except ValueError:
            raise TaskFailed("`dsn` is not an address") from None
        key, _, host = dsn.netloc.rpartition("@")
        if not key:
            return self.dsn
        folder, _, project = dsn.path.rpartition("/")
        query = f"sentry_version=7&sentry_client=kapell&sentry_key={key.partition(':')[0]}"
        return f"{dsn.scheme}://{host}{folder}/api/{project}/{self.endpoint_type.lower()}/?{query}"
