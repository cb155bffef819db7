"""`io.kestra.plugin.kestra.logs.Fetch`."""

from __future__ import annotations

from typing import ClassVar

from kapell.plugins.core.log import fetch
from kapell.plugins.kestra._server import OnServer
from kapell.sdk import RunContext


class Fetch(OnServer, fetch.Fetch):
    """Write the log of an execution of this server to a file, a JSON object a line."""

    aliases: ClassVar[tuple[str, ...]] = ()

    def run(self, ctx: RunContext) -> fetch.FetchOutput:
        """Write it."""
        self.check_server(ctx)
        return super().run(ctx)
