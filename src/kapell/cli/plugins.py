"""`kapell plugins`: what types there are, and what each takes and gives back."""

from __future__ import annotations

import sys

from kapell.cli.document import print_json
from kapell.errors import KapellError, UnknownType
from kapell.sdk.registry import broken
from kapell.source import doc, flow_schema, type_schema
from kapell.source.types import all_types, is_deprecated, kind_of, told

KINDS = ("task", "trigger", "condition", "runner")
NONE = 1


def list_types(pattern: str, as_json: bool) -> int:
    """Print the types whose name or first sentence holds `pattern`; 1 when there are none."""
    rows = [
        {"type": name, "kind": kind_of(cls) or "", "title": told(cls)[0], "deprecated": is_deprecated(cls)}
        for name, cls in all_types().items()
        if pattern.lower() in f"{name} {told(cls)[0]}".lower()
    ]
    if as_json:
        print_json(rows)
    else:
        for row in sorted(rows, key=lambda row: (*KINDS, "").index(str(row["kind"]))):
            print(f"{row['kind']:<9} {row['type']}  {row['title']}{' (deprecated)' if row['deprecated'] else ''}")
    for plugin in broken():
        print(f"left out: {plugin}", file=sys.stderr)
    if not rows:
        print(f"no type has `{pattern}` in its name or first sentence", file=sys.stderr)
    return 0 if rows else NONE


def show_doc(type_name: str) -> int:
    """Print the page of a type; 1 when there is none."""
    try:
        print(doc(type_name), end="")
    except KapellError as error:
        return _missing(type_name, error)
    return 0


def show_schema(type_name: str | None) -> int:
    """Print the JSON schema of a type, or of flows; 1 when there is no such type."""
    try:
        schema = flow_schema() if type_name is None else type_schema(type_name)
    except KapellError as error:
        return _missing(type_name or "", error)
    print_json(schema)
    return 0


def _missing(type_name: str, error: KapellError) -> int:
    print(str(error), file=sys.stderr)
    near = _near(type_name) if isinstance(error, UnknownType) and not error.near else ()
    if near:
        print("Did you mean", *near, sep="\n  ", file=sys.stderr)
    return NONE


def _near(type_name: str) -> tuple[str, ...]:
    """Types whose last word is like the last word asked for."""
    from difflib import get_close_matches

    by_word = {name.rpartition(".")[2].lower(): name for name in all_types()}
    same = [name for name in all_types() if name.lower().endswith("." + type_name.rpartition(".")[2].lower())]
    close = get_close_matches(type_name.rpartition(".")[2].lower(), by_word, n=3, cutoff=0.7)
    return tuple(same or [by_word[word] for word in close])
