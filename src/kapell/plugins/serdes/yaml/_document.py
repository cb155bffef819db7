"""The documents of a YAML text, with the scalars that Kestra's mapper knows: dates stay texts, `yes` is one too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TextIO

import yaml

from kapell.sdk import TaskFailed

MOST = 10_000_000
"""How many values a document may have when every alias counts with all that it stands for."""


class Loader(yaml.CSafeLoader):
    """Reads null, true, false and numbers, nothing else that is not text."""

    yaml_implicit_resolvers = {}


for kind, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|0o?[0-7_]+)", list("-+0123456789")),
    ("float", r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", list("-+.")),
    ("merge", "<<", ["<"]),
):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(rf"(?:{pattern})\Z"), first)


def documents(text: TextIO) -> Iterator[object]:
    """The documents one after the other; what is no YAML fails the task and names the line."""
    loader = Loader(text)
    try:
        while loader.check_data():  # type: ignore[no-untyped-call]  # its stub says nothing of it
            value: object = loader.get_data()
            if _weight(value, {}) > MOST:
                raise TaskFailed(f"A document's aliases stand for more than {MOST} values")
            yield value
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TaskFailed(f"Line {line}: this is no YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise TaskFailed(f"This is no YAML: {error}") from None
    finally:
        loader.dispose()


def _weight(value: object, known: dict[int, int]) -> int:
    """How many values this is, each alias counted with all that it stands for; one that holds itself is endless."""
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    if id(value) not in known and inside:
        known[id(value)] = MOST + 1
        known[id(value)] = 1 + sum(_weight(item, known) for item in inside)
    return known.get(id(value), 1)
