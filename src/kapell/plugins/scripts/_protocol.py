"""What a script says: lines for the log, and messages to the task: `::{"outputs": …, "metrics": …, "logs": …}::`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from kapell.sdk import Level, RunContext, TaskFailed

KINDS = ("counter", "gauge", "timer")
LEVELS = frozenset(Level)
LONGEST_LINE = 400_000
"""A line that is longer may have been cut to pieces, unless it is a message with an end."""
MOST_BYTES = 1 << 24
"""Of outputs, all messages together, as JSON."""
DEEPEST = 100
TOO_DEEP = f"nested more than {DEEPEST} deep"


class Voice:
    """Hears a script's lines; what it says as outputs is gathered in `vars`."""

    def __init__(self, ctx: RunContext) -> None:
        self.vars: dict[str, object] = {}
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._ctx = ctx

    def hear(self, line: str, is_error: bool) -> None:
        """Log a line, INFO or, from standard error, ERROR; or do what a message says."""
        if not line.startswith("::{"):
            self._ctx.log("ERROR" if is_error else "INFO", line)
        elif line.endswith("}::"):
            try:
                self._message(line[2:-2])
            except RecursionError:
                self._ctx.log("WARN", f"Invalid outputs '{TOO_DEEP}'")
            except (ValueError, TypeError, OverflowError) as error:
                self._ctx.log("WARN", f"Invalid outputs '{error}'")
        else:
            if len(line) > LONGEST_LINE:
                self._ctx.log("WARN", "Invalid outputs 'a message to the task is too long to be read'")
            self._ctx.log("ERROR" if is_error else "INFO", line)

    def _message(self, text: str) -> None:
        message = json.loads(text, parse_constant=_refuse)
        if _depth(message) > DEEPEST:
            raise ValueError(TOO_DEEP)
        self._keep(_map(message.get("outputs") or {}, "outputs"))
        for metric in message.get("metrics") or ():
            self._metric(_map(metric, "metrics"))
        for entry in message.get("logs") or ():
            self._log(_map(entry, "logs"))

    def _keep(self, outputs: Mapping[str, object]) -> None:
        for name, value in outputs.items():
            size = len(name) + len(json.dumps(value))
            self._bytes += size - self._sizes.get(name, 0)
            self._sizes[name] = size
            if self._bytes > MOST_BYTES:
                raise TaskFailed(
                    f"The script's outputs have more than {MOST_BYTES >> 20} MB: write such data to a file"
                )
            self.vars[name] = value

    def _metric(self, metric: Mapping[str, object]) -> None:
        name, kind, value, tags = (metric.get(key) for key in ("name", "type", "value", "tags"))
        if kind not in KINDS or isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"metric {name} has neither a type of {', '.join(KINDS)} nor a number")
        if not math.isfinite(value):
            raise ValueError(f"metric {name} is {value}")
        # Kestra: scripts tell timers in seconds.
        number = value * 1000 if kind == "timer" else value
        labels = {key: str(tag) for key, tag in _map(tags or {}, "tags").items()}
        self._ctx.metric(str(name), float(number), str(kind), labels)

    def _log(self, entry: Mapping[str, object]) -> None:
        level = str(entry.get("level", "INFO")).upper()
        if level not in LEVELS:
            raise ValueError(f"`{level}` is no level of a log")
        self._ctx.log(level, str(entry.get("message", "")))


def _map(value: object, name: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} must hold a map")
    return value


def _refuse(constant: str) -> object:
    # Kestra: it is no JSON.
    raise ValueError(f"`{constant}` is no JSON")


def _depth(value: object) -> int:
    """How deep it is nested: 0 for a plain value."""
    depth, inside = 0, [value]
    while inside := [item for outer in inside for item in _items(outer)]:
        depth += 1
    return depth


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
