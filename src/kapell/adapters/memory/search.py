"""Whether an execution is what a search asks for."""

from __future__ import annotations

from kapell.adapters.memory.flows import within
from kapell.model.execution import Execution, Kind
from kapell.ports.executions import Search


def matches(search: Search, execution: Execution) -> bool:
    """Whether an execution is what `search` asks for, its page and its tree aside."""
    return (
        execution.tenant == search.tenant
        and _is_of_kind(search, execution.kind)
        and search.flow_id in (None, execution.flow_id)
        and (
            search.namespace == execution.namespace
            if _is_exact(search)
            else within(execution.namespace, search.namespace)
        )
        and (not search.states or execution.state in search.states)
        and search.parent_id in (None, execution.parent_id)
        and search.child in (None, execution.root_id != execution.id)
        and search.labels.items() <= execution.labels.items()
        and _is_in_time(search, execution)
    )


def _is_of_kind(search: Search, kind: Kind) -> bool:
    if search.settled:
        return kind is not Kind.LOOP
    return kind is Kind.NORMAL or (search.loops and kind is Kind.LOOP)


def _is_exact(search: Search) -> bool:
    return search.namespace is not None and search.flow_id is not None


def _is_in_time(search: Search, execution: Execution) -> bool:
    if search.ended_by is not None and not (execution.state.ended and execution.history[-1].at <= search.ended_by):
        return False
    early = search.created_from is not None and execution.created < search.created_from
    return not early and (search.created_to is None or execution.created <= search.created_to)
