"""`kapell render`: a template with some variables, and what comes of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kapell import render
from kapell.cli.document import print_json
from kapell.errors import RenderError

FAILED = 1
UNUSABLE = 2


class BadVariable(ValueError):
    """A variable on the command line, or the file of variables, is not what it should be."""


def render_template(template: str, variables: Sequence[str], vars_file: Path | None, typed: bool) -> int:
    """Print the value; the exit status."""
    try:
        known = _from_file(vars_file)
        for text in variables:
            _set(known, text)
    except BadVariable as error:
        print(str(error), file=sys.stderr)
        return UNUSABLE
    if template == "-":
        template = sys.stdin.read().removesuffix("\n")
    try:
        value = render(template, known, "typed" if typed else "text")
    except RenderError as error:
        print(str(error), file=sys.stderr)
        return FAILED
    if typed:
        print_json(value)
    else:
        print(value)
    return 0


def _from_file(file: Path | None) -> dict[str, object]:
    if file is None:
        return {}
    from yaml import YAMLError, safe_load

    try:
        found: object = safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise BadVariable(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    if not isinstance(found, dict):
        raise BadVariable(f"{file}: variables are a map by name")
    return {str(name): value for name, value in found.items()}


def _set(known: dict[str, object], text: str) -> None:
    """Take in `name=text` or `name:=JSON`; dots in the name lead into maps."""
    name, equals, given = text.partition("=")
    if not equals or not name.strip(":"):
        raise BadVariable(f"-v {text}: write it as NAME=VALUE, or NAME:=JSON")
    value: object = given
    if name.endswith(":"):
        name = name[:-1]
        try:
            value = json.loads(given)
        except ValueError as error:
            raise BadVariable(f"-v {text}: not JSON: {error}") from None
    *groups, last = name.split(".")
    here = known
    for group in groups:
        inner = here.setdefault(group, {})
        if not isinstance(inner, dict):
            raise BadVariable(f"-v {text}: `{group}` has a value of its own already")
        here = inner
    here[last] = value
