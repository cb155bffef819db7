"""Declares inputs as a flow does, and resolves them without anything outside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from kapell.engine.inputs import Field, Resolved, resolve
from kapell.expr import Env, render
from kapell.model.read import Read, Reader, ReadFailed
from kapell.source import load

ENV = Env(now=lambda: datetime(2026, 1, 1, 9, 0, tzinfo=UTC))
VARIABLES: Mapping[str, object] = {"flow": {"id": "asks"}, "vars": {"v": "var"}, "labels": {}}


def nothing(read: Read) -> object:
    raise ReadFailed(f"nothing to read: {read.name}")


def asked(
    declared: str, given: Mapping[str, object] | None = None, *, encrypted: bool = True, reader: Reader = nothing
) -> Resolved:
    """What the inputs of a flow, written as YAML between the brackets, come to."""
    flow = load(
        "id: asks\nnamespace: company.team\n"
        f"inputs: [{declared}]\n"
        "tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: hello}]\n"
    )
    env = Env(now=ENV.now, reader=reader)
    return resolve(
        flow.inputs,
        given or {},
        render=lambda value, seen, typed: render(value, seen, env, "typed" if typed else "text"),
        variables=VARIABLES,
        folder="/company/team/asks/executions/e1/inputs",
        encrypt=(lambda text: f"sealed({text})") if encrypted else None,
    )


def field(resolved: Resolved, id: str) -> Field:
    return next(each for each in resolved.fields if each.id == id)
