"""One execution that has much to do keeps nobody else from anything."""

from __future__ import annotations

import kapell
from acceptance.story import flow

LONG = flow(
    "long",
    "  - {id: each, type: FLOW.ForEach, values: '{{ range(1, 20000) }}', tasks: [{id: a, type: LOG, message: a}]}\n",
)
SHORT = flow("short", "  - {id: a, type: LOG, message: a}\n")


def test_a_long_chain_of_quick_tasks_is_killed_while_it_runs_and_others_run_beside_it() -> None:
    with kapell.Local() as local:
        local.apply(LONG, SHORT)
        long = local.create("company.team", "long")
        local.wait(local.create("company.team", "short"), timeout=5)
        assert local.execution(long).state == "RUNNING"
        local.kill(long)
        assert local.wait(long, timeout=5).state == "KILLED"
