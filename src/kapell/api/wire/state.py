"""A state with its history, as Kestra's API shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from kapell.model.execution import StateChange
from kapell.model.state import State
from kapell.sdk.duration import format_duration

Json = dict[str, object]


def date_json(at: datetime) -> str:
    """An instant as Java prints it: UTC, with `Z`, fractions only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def state_json(history: Sequence[StateChange], now: datetime) -> Json:
    """`duration` runs until `now` while it has not ended; `endDate` is there when it has, or is paused."""
    first, last = history[0], history[-1]
    over = last.state.ended or last.state is State.PAUSED
    found: Json = {
        "current": last.state.value,
        "histories": [{"state": change.state.value, "date": date_json(change.at)} for change in history],
        "duration": format_duration((last.at if last.state.ended else max(now, last.at)) - first.at),
        "startDate": date_json(first.at),
    }
    return {**found, "endDate": date_json(last.at)} if over else found
