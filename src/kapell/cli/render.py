"""`kapell render`: a template with some variables, and what comes of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kapell import render
from kapell.cli.document import print_json
from kapell.cli.reading import BadArgument, values_of
from kapell.errors import RenderError

FAILED = 1
UNUSABLE = 2


def render_template(template: str, variables: Sequence[str], vars_file: Path | None, typed: bool) -> int:
    """Print the value; the exit status."""
    try:
        known = dict(values_of(vars_file, "variables"))
        for text in variables:
            _set(known, text)
    except BadArgument as error:
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


def _set(known: dict[str, object], text: str) -> None:
    """Take in `name=text` or `name:=JSON`; dots in the name lead into maps."""
    name, equals, given = text.partition("=")
    if not equals or not name.strip(":"):
        raise BadArgument(f"-v {text}: write it as NAME=VALUE, or NAME:=JSON")
    value: object = given
    if name.endswith(":"):
        name = name[:-1]
        try:
            value = json.loads(given)
        except ValueError as error:
            raise BadArgument(f"-v {text}: not JSON: {error}") from None
    *groups, last = name.split(".")
    here = known
    for group in groups:
        inner = here.setdefault(group, {})
        if not isinstance(inner, dict):
            raise BadArgument(f"-v {text}: `{group}` has a value of its own already")
        here = inner
    here[last] = value
