"""`io.kestra.plugin.kestra.executions.Query`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from msgspec.structs import replace

from kapell.model.execution import Execution
from kapell.plugins.kestra._server import OnServer
from kapell.plugins.kestra.executions._row import execution_row
from kapell.ports.executions import Search
from kapell.sdk import Example, Output, RunContext, RunnableTask, State, TaskFailed, Templated, prop, read_moment
from kapell.sdk.draft import store_table

PAGE = 500
SYSTEM = "system"
CHILD = {None: None, "CHILD": True, "MAIN": False}


class QueryOutput(Output, frozen=True, kw_only=True):
    """What was found: the rows, the first of them, or the file they are in, and how many there are in all."""

    size: int
    rows: Sequence[Mapping[str, object]] | None = None
    row: Mapping[str, object] | None = None
    uri: str | None = None


class Query(OnServer, RunnableTask[QueryOutput]):
    """Find executions, the newest first."""

    namespace: Templated[str] | None = prop(
        "The namespace, and those below it; with `flowId` the flow's own.", default=None
    )
    flow_id: Templated[str] | None = prop("The flow.", default=None)
    states: Templated[list[State]] | None = prop("Only executions that are in one of these states.", default=None)
    labels: Templated[Mapping[str, str]] | None = prop("Only executions that have all of these labels.", default=None)
    start_date: Templated[str] | None = prop("Only those created from this instant on, as an ISO date.", default=None)
    end_date: Templated[str] | None = prop("Only those created up to this instant, as an ISO date.", default=None)
    time_range: Templated[timedelta] | None = prop(
        "Only those created within this span up to now; not together with both dates.", default=None
    )
    trigger_execution_id: Templated[str] | None = prop("Only those that this execution has started.", default=None)
    child_filter: Templated[Literal["CHILD", "MAIN"]] | None = prop(
        "Only those that another execution has started, or only the others.", default=None
    )
    flow_scopes: Templated[list[Literal["USER", "SYSTEM"]]] | None = prop(
        "SYSTEM means the namespace `system`, USER the others.", default=None
    )
    page: Templated[int] | None = prop("Only this page, counted from 1; all if it is not said.", default=None, least=1)
    size: Templated[int] = prop("How many executions a page has.", default=10, least=1)
    fetch_type: Templated[Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]] = prop(
        "Store them as a table, or give all, the first, or none of them back.", default="STORE"
    )

    examples = (
        Example("Those with a label", "labels:\n  team: data\nfetchType: STORE"),
        Example("What has succeeded in ten hours", "timeRange: PT10H\nstates:\n  - SUCCESS\nfetchType: FETCH"),
    )

    def run(self, ctx: RunContext) -> QueryOutput:
        """Find them."""
        self.check_server(ctx)
        search = self._search(ctx.now)
        total = sum(found.count for found in ctx.executions.count(search) if self._is_in_scope(found.namespace))
        first = (self.page - 1) * self.size if self.page else 0
        found = islice(self._found(ctx, search), first, first + self.size if self.page else None)
        match self.fetch_type:
            case "STORE":
                uri, _ = store_table(ctx, map(execution_row, found))
                return QueryOutput(size=total, uri=uri)
            case "FETCH":
                return QueryOutput(size=total, rows=[execution_row(execution) for execution in found])
            case "FETCH_ONE":
                one = next(found, None)
                return QueryOutput(size=total, row=None if one is None else execution_row(one))
        return QueryOutput(size=total)

    def _search(self, now: datetime) -> Search:
        since = read_moment(self.start_date) if self.start_date else None
        until = read_moment(self.end_date) if self.end_date else None
        if self.time_range is not None:
            if since is not None and until is not None:
                raise TaskFailed("`timeRange` cannot be used together with both `startDate` and `endDate`.")
            until = until or (now if since is None else since + self.time_range)
            since = since or until - self.time_range
        return Search(
            namespace=self.namespace or None,
            flow_id=self.flow_id or None,
            states=tuple(State(state) for state in self.states or ()),
            parent_id=self.trigger_execution_id or None,
            created_from=since,
            created_to=until,
            labels=self.labels or {},
            child=True if self.trigger_execution_id else CHILD[self.child_filter],
            limit=PAGE,
        )

    def _found(self, ctx: RunContext, search: Search) -> Iterator[Execution]:
        """All of them, a page in memory at a time."""
        while page := ctx.executions.search(search):
            yield from (execution for execution in page if self._is_in_scope(execution.namespace))
            if ctx.cancelled or len(page) < search.limit:
                return
            search = replace(search, before=page[-1].id)

    def _is_in_scope(self, namespace: str) -> bool:
        return not self.flow_scopes or ("SYSTEM" if namespace == SYSTEM else "USER") in self.flow_scopes
