"""The form of a pause, in a terminal: what it asks for, line by line, until the answers are taken."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from kapell.assembly.local import Local
from kapell.cli.picture import Picture
from kapell.cli.reading import BadArgument
from kapell.cli.request import upload
from kapell.engine.inputs.group import flattened
from kapell.engine.inputs.resolve import FORM, Field
from kapell.errors import InputError, Refused
from kapell.model.input import Input
from kapell.model.task_run import TaskRun

HINTS = {"FILE": ", @path", "BOOL": ", true or false", "BOOLEAN": ", true or false"}


def ask(local: Local, picture: Picture, out: TextIO) -> None:
    """Resume the first execution that waits, with what the person at the terminal says.

    Raises `EOFError` when the person has nothing more to say.
    """
    waiting = picture.waiting[0]
    id = waiting.execution_id
    asked, _, decides = local.form(id, task_run=waiting.id)
    what = f"{picture.label(waiting)} waits to be {'approved or denied' if decides else 'resumed'}"
    if asked:
        print(f"{what}, and asks for:", file=out, flush=True)
    elif not decides:
        _read(out, f"{what}. Press Enter to go on. ")
    values: dict[str, object] = {}
    while True:
        for one in flattened(asked):
            _fill(local, waiting, one, values, out)
        try:
            if decides:
                local.review(id, _decision(what, out), values, task_run=waiting.id)
            else:
                local.resume(id, values, waiting.id)
        except InputError as error:
            print(error, file=out, flush=True)
            for name in error.problems:
                values.pop(name, None)
            continue
        except Refused as error:
            # somebody else was quicker, or it has ended in the meantime
            print(error, file=out, flush=True)
        picture.answered(waiting)
        return


def _decision(what: str, out: TextIO) -> str:
    while True:
        said = _read(out, f"{what}. Approve it? (yes/no) ").strip().lower()
        if said in ("y", "yes", "n", "no"):
            return "APPROVED" if said[0] == "y" else "DENIED"


def _fill(local: Local, waiting: TaskRun, asked: Input, values: dict[str, object], out: TextIO) -> None:
    """Ask for one value until there is one that will do; what has one already is not asked for again."""
    if asked.type == FORM:
        return
    while asked.id not in values:
        field = _field(local, waiting, asked, values)
        if not field.enabled:
            return
        try:
            answer = _answer(asked, field, out)
        except BadArgument as error:
            print(f"  {error}", file=out, flush=True)
            continue
        if answer == "" and (field.is_default or not asked.required):
            return
        if answer == "":
            print("  It has to be given.", file=out, flush=True)
            continue
        values[asked.id] = answer
        errors = _field(local, waiting, asked, values).errors
        if errors:
            print(f"  {errors[0]}", file=out, flush=True)
            del values[asked.id]


def _field(local: Local, waiting: TaskRun, asked: Input, values: Mapping[str, object]) -> Field:
    fields = local.form(waiting.execution_id, values, waiting.id).resolved.fields
    return next((field for field in fields if field.id == asked.id), Field(id=asked.id))


def _answer(asked: Input, field: Field, out: TextIO) -> object:
    """What the person says: a text, the content of a file for `@path`."""
    if asked.description:
        print(f"  {asked.description.strip()}", file=out)
    if field.choices:
        print(f"  one of: {', '.join(str(choice.value) for choice in field.choices)}", file=out)
    default = f" [{_shown(field.value)}]" if field.is_default else "" if asked.required else " (optional)"
    kind = f"{asked.type}{HINTS.get(asked.type, '')}"
    prompt = f"  {asked.display_name or asked.id} ({kind}){default}: "
    if asked.type == "SECRET":
        from getpass import getpass

        return getpass(prompt, out)
    said = _read(out, prompt)
    return upload(Path(said[1:])) if asked.type == "FILE" and said.startswith("@") else said


def _read(out: TextIO, prompt: str) -> str:
    """A line of standard input; the prompt goes where everything goes, which may be standard error."""
    print(prompt, end="", file=out, flush=True)
    line = sys.stdin.readline()
    if not line:
        print(file=out)
        raise EOFError
    return line.rstrip("\n")


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
