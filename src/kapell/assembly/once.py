"""The Python API: run a flow, check one, or render an expression, here and now."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Queue
from typing import Literal

from kapell.assembly.following import LOOK_SECONDS, LOOKS, Following, at_birth
from kapell.assembly.local import Local
from kapell.assembly.view import Execution
from kapell.expr import Env
from kapell.expr import render as render_with
from kapell.model.messages import Step
from kapell.model.problem import Problem
from kapell.sdk.registry import add_folder
from kapell.source import check as check_source
from kapell.source import load


def run(
    source_or_path: str | Path,
    inputs: Mapping[str, object] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    trigger: Mapping[str, object] | None = None,
    flows: Sequence[str | Path] = (),
    files: str | Path | None = None,
    globals: Mapping[str, object] | None = None,
    state_dir: str | Path | None = None,
    timeout: float | None = None,
) -> Execution:
    """Run a flow (its text, or the path of its file) to its end and return the execution.

    `flows` are those that it calls, each a text or a path; `files` is the folder of its namespace's files; `trigger` is
    as in `Local.create`. Raises `InvalidFlow` and `InputError`, and `TimeoutError` after `timeout` seconds. A flow that
    fails is an execution whose state says so; one that waits for a person without an end is returned as it waits.
    """
    source = _source(source_or_path)
    folders = {load(source).namespace: files} if files else {}
    with Local(globals, state_dir, namespace_files=folders) as local:
        told: Queue[Sequence[Step]] = Queue()
        local.watch(lambda steps, _: told.put(tuple(steps)))
        local.apply(*map(_source, flows))
        flow = local.save(source)
        id = local.create(flow.namespace, flow.id, inputs, labels, trigger, flow.revision)
        return _followed(local, id, told, timeout)


def _followed(local: Local, id: str, told: Queue[Sequence[Step]], timeout: float | None) -> Execution:
    """Wait until nothing of it runs any more, or until it waits for a person without an end."""
    until = None if timeout is None else time.monotonic() + timeout
    following = Following(id, [at_birth(local.execution(id))])
    looks = 0
    while not following.over and looks < LOOKS:
        left = LOOK_SECONDS if until is None else min(LOOK_SECONDS, until - time.monotonic())
        try:
            following.follow(told.get(timeout=max(0, left)))
            looks = 0
        except Empty:
            looks = looks + 1 if not local.at_work and following.only_waits else 0
            if left < LOOK_SECONDS:
                raise TimeoutError(f"execution {id} is {following.execution.state} after {timeout} s") from None
    return local.execution(following.id)


def add_plugins(folder: str | Path) -> None:
    """Take up the types in a folder of plugin files, for this process; raises `KapellError` where there is none."""
    add_folder(Path(folder))


def check(source_or_path: str | Path) -> list[Problem]:
    """All that is wrong with a flow (its text, or the path of its file), errors first."""
    return check_source(_source(source_or_path))


def render(
    template: object,
    variables: Mapping[str, object] | None = None,
    mode: Literal["text", "typed", "once", "recursive"] = "text",
) -> object:
    """The value of a template, or of a structure that holds some; raises `RenderError`."""
    env = Env(now=lambda: datetime.now(UTC), encryption_key=os.urandom(32))
    return render_with(template, variables or {}, env, mode)


def _source(source_or_path: str | Path) -> str:
    """The text; a `str` of one line is the path of a file, unless it can only be YAML."""
    if isinstance(source_or_path, Path) or not (
        not source_or_path or "\n" in source_or_path or ": " in source_or_path or source_or_path.startswith("{")
    ):
        return Path(source_or_path).read_text(encoding="utf-8")
    return source_or_path
