"""What the purge tasks share: between which dates, in which namespaces."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kapell.sdk.condition import read_moment
from kapell.sdk.glob import wildcard
from kapell.sdk.prop import Properties, prop
from kapell.sdk.shape import Templated
from kapell.sdk.task import TaskFailed

BOTH = "Properties `namespaces` and `namespacePattern` can't be used at the same time — use one or the other."


class ByDates(Properties):
    """Chooses by flow and date."""

    namespace: Templated[str] | None = prop(
        "The namespace, and those below it; with `flowId` the flow's own. Without it all of them.", default=None
    )
    flow_id: Templated[str] | None = prop("The flow.", default=None)
    start_date: Templated[str] | None = prop("Only from this instant on, as an ISO date.", default=None)
    end_date: Templated[str] = prop("Only up to this instant, as an ISO date.")

    def since(self) -> datetime | None:
        """The first instant, None where there is none."""
        return read_moment(self.start_date) if self.start_date else None

    def until(self) -> datetime:
        """The last instant."""
        return read_moment(self.end_date)


class ByNamespaces(Properties):
    """Chooses namespaces."""

    namespaces: Templated[list[str]] | None = prop("Which namespaces; all if nothing is said.", default=None)
    namespace_pattern: Templated[str] | None = prop(
        "Which namespaces, `*` and `?` standing for anything; not together with `namespaces`.", default=None
    )
    include_child_namespaces: Templated[bool] = prop("Whether `namespaces` means those below, too.", default=True)

    def chosen(self, known: Iterable[str]) -> list[str]:
        """Those of the known namespaces that are meant, and all that are named; raises `TaskFailed`."""
        if self.namespaces and self.namespace_pattern:
            raise TaskFailed(BOTH)
        meant = {namespace for namespace in known if self._means(namespace)}
        return sorted(meant.union(self.namespaces or ()))

    def _means(self, namespace: str) -> bool:
        if self.namespace_pattern:
            return wildcard(self.namespace_pattern)(namespace)
        below = tuple(f"{name}." for name in self.namespaces or ()) if self.include_child_namespaces else ()
        return not self.namespaces or namespace in self.namespaces or namespace.startswith(below)
