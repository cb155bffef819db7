"""What a script says: lines for the log, and messages to the task: `::{"outputs": …, "metrics": …, "logs": …}::`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kapell.sdk import Level, RunContext

KINDS = frozenset({"counter", "timer", "gauge"})
LEVELS = frozenset(Level)


class Voice:
    """Hears a script's lines; what it says as outputs is gathered in `vars`."""

    def __init__(self, ctx: RunContext) -> None:
        self.vars: dict[str, object] = {}
        self._ctx = ctx

    def hear(self, line: str, is_error: bool) -> None:
        """Log a line, INFO or, from standard error, ERROR; or do what a message says."""
        if line.startswith("::{") and line.endswith("}::"):
            try:
                self._message(line[2:-2])
            except (ValueError, TypeError) as error:
                self._ctx.log("WARN", f"Invalid outputs '{error}'")
        else:
            self._ctx.log("ERROR" if is_error else "INFO", line)

    def _message(self, text: str) -> None:
        message = json.loads(text)
        self.vars.update(_map(message.get("outputs") or {}, "outputs"))
        for metric in message.get("metrics") or ():
            self._metric(_map(metric, "metrics"))
        for entry in message.get("logs") or ():
            self._log(_map(entry, "logs"))

    def _metric(self, metric: Mapping[str, object]) -> None:
        name, kind, value, tags = (metric.get(key) for key in ("name", "type", "value", "tags"))
        if kind not in KINDS or isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"metric {name} has neither a type of {', '.join(sorted(KINDS))} nor a number")
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
