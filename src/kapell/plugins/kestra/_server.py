"""Which server the tasks of io.kestra.plugin.kestra ask: the one that they run on, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from kapell.sdk import Part, RunContext, TaskFailed, Templated, prop
from kapell.sdk.prop import Properties

TENANT = "main"
HERE = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})


class Auth(Part):
    """Who asks."""

    username: Templated[str] | None = prop("The name.", default=None)
    password: Templated[str] | None = prop("The password.", default=None)
    api_token: Templated[str] | None = prop("A token.", default=None)
    auto: Templated[bool] = prop("Whether the server's configuration says who asks.", default=True)


class OnServer(Properties):
    """Asks the server that the task runs on, without a request."""

    kestra_url: Templated[str] | None = prop(
        "The server's address, not needed. A task that names another server fails: only this one can be asked.",
        default=None,
    )
    tenant_id: Templated[str] | None = prop("The tenant, not needed; any but `main` fails.", default=None)
    auth: Auth | None = prop("Not needed, and ignored: nothing is sent.", default=None)

    def check_server(self, ctx: RunContext) -> None:
        """Raise `TaskFailed` where another server or tenant is meant than the task's own."""
        if self.tenant_id and self.tenant_id != TENANT:
            raise TaskFailed(f"There is no tenant '{self.tenant_id}': the only one is '{TENANT}'")
        asked = urlsplit((self.kestra_url or "").strip())
        if self.kestra_url and asked.hostname not in HERE and _place(asked) != _place(urlsplit(_own(ctx))):
            raise TaskFailed(
                f"`kestraUrl` {self.kestra_url} names another server, and only this one can be asked: leave it out"
            )


def _own(ctx: RunContext) -> str:
    known = ctx.variables.get("kestra")
    return str(known.get("url") or "") if isinstance(known, Mapping) else ""


def _place(url: SplitResult) -> tuple[str | None, int | None]:
    """Host and port."""
    return url.hostname, url.port or {"http": 80, "https": 443}.get(url.scheme)
