"""`kapell explain`: what executions wait for, read out of a folder that another kapell may be working on."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kapell.api.wire.explanation import explanation_json
from kapell.assembly.look import explained
from kapell.cli.document import print_json
from kapell.cli.picture import duration_text
from kapell.errors import NotFound, StoreError
from kapell.model.explanation import Explanation, Wait

STUCK = 1
UNREADABLE = 2
MOST_HOLDERS = 5


def explain_executions(state_dir: Path, execution_id: str | None, as_json: bool) -> int:
    """Print one explanation, or a line for each live execution; the exit status."""
    try:
        found = explained(state_dir, execution_id)
    except (NotFound, StoreError) as error:
        print(str(error), file=sys.stderr)
        return UNREADABLE
    now = datetime.now(UTC)
    if as_json:
        shown = [explanation_json(one) for one in found]
        print_json(shown[0] if execution_id else shown)
    elif execution_id:
        print("\n".join(_all_of(found[0], now)))
    else:
        print("\n".join(_lines(found, now)) or "every execution has ended")
    return STUCK if any(one.stuck for one in found) else 0


def _lines(found: Sequence[Explanation], now: datetime) -> Iterator[str]:
    for one in found:
        flow = f"{one.namespace}.{one.flow_id}"
        yield f"{one.execution_id} {one.state:<9} {_span(now - one.since):>9}  {flow}  {one.headline}"


def _all_of(found: Explanation, now: datetime) -> Iterator[str]:
    flow, span = f"{found.namespace}.{found.flow_id}", _span(now - found.since)
    since = f"{span} ago" if found.state.ended else f"for {span}"
    yield f"{found.state} {flow} {since}, execution {found.execution_id}"
    if found.state.ended or not found.waits:
        yield found.headline
    for wait in found.waits:
        yield from _wait(wait, now)
    for text in found.unexplained:
        yield f"Stuck: {text}"
    for note in found.notes:
        yield f"Note: {note}"


def _wait(wait: Wait, now: datetime) -> Iterator[str]:
    yield f"{wait.what[:1].upper()}{wait.what[1:]}"
    until = f", at most another {_span(wait.until - now)}" if wait.until and wait.until > now else ""
    yield f"  for {_span(now - wait.since)}{until}"
    if wait.holders:
        more = f" and {len(wait.holders) - MOST_HOLDERS} more" if len(wait.holders) > MOST_HOLDERS else ""
        yield f"  held by {', '.join(wait.holders[:MOST_HOLDERS])}{more}"
    yield f"  freed by {wait.frees}"


def _span(span: timedelta) -> str:
    """A span as people read it, which may be days."""
    span = max(span, timedelta())
    hours = span // timedelta(hours=1)
    if hours >= 24:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {span // timedelta(minutes=1) % 60:02d} min" if hours else duration_text(span)
