"""How one speaks to Tencent's messaging service."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.plugins.notifications._webhook import Posting
from kapell.sdk import Templated, prop


class QQ(Posting):
    """Posts to Tencent's messaging service."""

    service = "QQ"

    token: Templated[str] | None = prop("The token that says who sends it.", default=None)

    def headers(self) -> Mapping[str, str]:
        """The token."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}
