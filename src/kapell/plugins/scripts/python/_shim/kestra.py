"""What a Python script has as `kestra`, where the package of that name is not installed.

It says the same to the task that runs the script: lines like `::{"outputs": {…}}::`. Whatever Python runs the script
imports it, so that it is plain and needs nothing.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from importlib import machinery, util

HERE = os.path.dirname(os.path.abspath(__file__))


class Kestra:
    """Outputs, metrics and log lines of a script."""

    @staticmethod
    def format(map_: Mapping[str, object]) -> str:
        """A message to the task."""
        return f"::{json.dumps(map_)}::"

    @staticmethod
    def outputs(map_: Mapping[str, object]) -> None:
        """Give values to the tasks that follow: they are in `outputs.<task>.vars`."""
        _send({"outputs": map_})

    @staticmethod
    def assets(map_: Mapping[str, object]) -> None:
        """Tell of an asset."""
        _send({"assets": map_})

    @staticmethod
    def counter(name: str, value: float, tags: Mapping[str, str] | None = None) -> None:
        """Count something."""
        _metric(name, "counter", value, tags)

    @staticmethod
    def gauge(name: str, value: float, tags: Mapping[str, str] | None = None) -> None:
        """Measure something."""
        _metric(name, "gauge", value, tags)

    @staticmethod
    def timer(name: str, duration: float | Callable[[], object], tags: Mapping[str, str] | None = None) -> None:
        """Tell how many seconds something took, or do it and find out."""
        if callable(duration):
            begin = time.perf_counter()
            duration()
            duration = time.perf_counter() - begin
        _metric(name, "timer", duration, tags)

    @staticmethod
    def logger() -> logging.Logger:
        """A logger whose lines have their level in the execution's log."""
        logger = logging.getLogger("Kestra")
        if not logger.handlers:
            logger.setLevel(logging.DEBUG)
            handler = logging.StreamHandler(sys.stdout)
            handler.setFormatter(_Formatter())
            logger.addHandler(handler)
        return logger


class _Formatter(logging.Formatter):
    """A line of a log as a message to the task."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, tracebacks included."""
        return Kestra.format({"logs": [{"level": _level(record.levelno), "message": super().format(record)}]})


def _level(number: int) -> str:
    levels = ((logging.ERROR, "ERROR"), (logging.WARNING, "WARN"), (logging.INFO, "INFO"), (logging.DEBUG, "DEBUG"))
    return next((name for least, name in levels if number >= least), "TRACE")


def _metric(name: str, kind: str, value: float, tags: Mapping[str, str] | None) -> None:
    _send({"metrics": [{"name": name, "type": kind, "value": value, "tags": tags or {}}]})


def _send(message: Mapping[str, object]) -> None:
    sys.stdout.write(Kestra.format(message) + "\n")
    sys.stdout.flush()


class ExecutionContext(Mapping[str, object]):
    """What the execution's expressions see, by key or as attributes; `to_dict` has it plain."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self._data = data

    def __getitem__(self, name: str) -> object:
        return _seen(self._data[name])

    def __getattr__(self, name: str) -> object:
        if name.startswith("_") or name not in self._data:
            raise AttributeError(f"'{name}' is not in the execution context (there are: {', '.join(self._data)})")
        return self[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __repr__(self) -> str:
        return repr(self._data)

    def to_dict(self) -> dict[str, object]:
        """As it was read."""
        return dict(self._data)


def _seen(value: object) -> object:
    if isinstance(value, dict):
        return ExecutionContext(value)
    return [_seen(item) for item in value] if isinstance(value, list) else value


def load_execution_context(path: str | None = None) -> ExecutionContext:
    """What a task with `executionContext` has written for its script."""
    path = path or os.environ.get("KESTRA_EXECUTION_CONTEXT_FILE", ".kestra-execution-context.json")
    try:
        with open(path, encoding="utf-8") as file:
            return ExecutionContext(json.load(file))
    except FileNotFoundError:
        raise FileNotFoundError(f"There is no {path}: set `executionContext: true` on the task") from None


def __getattr__(name: str) -> object:
    if name.startswith("_"):
        raise AttributeError(name)
    if name == "context":
        globals()[name] = loaded = load_execution_context()
        return loaded
    raise ImportError(f"`{name}` is in the package `kestra`: list it among the task's `dependencies`")


def _give_way() -> None:
    """Put the package in this module's place where it is installed, however it came there."""
    elsewhere = [path for path in sys.path if os.path.abspath(path or os.curdir) != HERE]
    spec = machinery.PathFinder.find_spec(__name__, elsewhere)
    if spec is not None and spec.loader is not None:
        sys.modules[__name__] = module = util.module_from_spec(spec)
        spec.loader.exec_module(module)


_give_way()
