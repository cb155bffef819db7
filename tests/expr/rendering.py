"""What the cases render with: a fixed time, seeded chance, a small outside in memory."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime

from kapell.errors import RenderError
from kapell.expr import Env, render
from kapell.model.read import Read, ReadFailed

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)

SECRETS = {"API_TOKEN": "s3cr3t", "JSON": '{"user": "ann", "pin": 1234}'}
VALUES = {"color": "red", "counter": None}
ANSWERS = {"https://example.com/api": {"name": "ann"}}


def outside(read: Read) -> object:
    match read.kind:
        case "secret":
            return SECRETS.get(read.name)
        case "kv":
            return VALUES.get(read.name)
        case "file" | "file_size" | "file_exists":
            return file(read)
        case "http":
            return ANSWERS.get(read.name, dict(read.options))
        case "error_logs":
            return [{"taskId": "a", "message": "boom"}]
        case "subflow":
            return {"id": "e2", "state": "SUCCESS", "outputs": {"names": ["eu", "us"]}, "labels": {}}
        case _:
            raise ReadFailed(f"no {read.kind} here")


def file(read: Read) -> object:
    there = read.name.endswith("/a.txt")
    if read.kind == "file_exists":
        return there
    if not there:
        raise ReadFailed(f"File '/{read.name}' was not found in namespace '{read.scope}'.")
    return "hello" if read.kind == "file" else 5


def env(mask: Callable[[str], None] = lambda _text: None) -> Env:
    return Env(now=lambda: NOON, reader=outside, random=random.Random(1), in_worker=True, mask=mask)


def outcome(name: str, source: str) -> str:
    """What a case shows: its text, its JSON when it is typed, or the error's display."""
    context, _, template = source.partition("\n---\n")
    template = template.removesuffix("\n")
    mode = "typed" if name.startswith("typed_") else "recursive" if name.startswith("recursive_") else "text"
    try:
        value = render(template, json.loads(context), env(), mode)
    except RenderError as error:
        return f"!! {error}\n"
    return (json.dumps(value, ensure_ascii=False) if mode == "typed" else str(value)) + "\n"
