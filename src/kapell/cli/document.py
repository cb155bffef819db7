"""The one JSON document that a command prints for programs."""

from __future__ import annotations

import json
import sys


def print_json(value: object) -> None:
    """Print it: letters as they are, where standard output knows them all; what JSON has no form for as its text."""
    encoding = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "")
    print(json.dumps(value, ensure_ascii=encoding != "utf8", indent=2, default=str))
