"""How one speaks to Opsgenie."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.plugins.notifications._webhook import Posting
from kapell.sdk import Templated, prop


class Opsgenie(Posting):
    """Posts to Opsgenie."""

    service = "Opsgenie"

    authorization_token: Templated[str] | None = prop(
        "The header `Authorization`: `GenieKey` and the key; a lone key gets that word.", default=None
    )

    def headers(self) -> Mapping[str, str]:
        """The key."""
        if not self.authorization_token:
            return {}
        lone = " " not in self.authorization_token
        return {"Authorization": f"GenieKey {self.authorization_token}" if lone else self.authorization_token}
