"""Why an execution is where it is, as JSON; Kestra's API has nothing like it."""

from __future__ import annotations

from kapell.api.wire.state import Json, date_json
from kapell.model.explanation import Explanation, Wait


def explanation_json(found: Explanation) -> Json:
    """All that is known; `waits` is empty for what has ended, and for what is stuck."""
    return {
        "executionId": found.execution_id,
        "namespace": found.namespace,
        "flowId": found.flow_id,
        "state": found.state.value,
        "since": date_json(found.since),
        "headline": found.headline,
        "stuck": found.stuck,
        "waits": [wait_json(wait) for wait in found.waits],
        "unexplained": list(found.unexplained),
        "notes": list(found.notes),
    }


def wait_json(wait: Wait) -> Json:
    """One thing that is waited for; `until` is missing where no time ends it."""
    found: Json = {
        "kind": wait.kind.value,
        "what": wait.what,
        "since": date_json(wait.since),
        "frees": wait.frees,
        "path": list(wait.path),
        "holders": list(wait.holders),
        "deeds": [deed.value for deed in wait.deeds],
    }
    optional = {"taskRunId": wait.task_run_id, "until": date_json(wait.until) if wait.until else None}
    return found | {key: value for key, value in optional.items() if value is not None}
