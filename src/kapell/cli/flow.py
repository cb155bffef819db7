"""`kapell flow graph`: what comes after what in a flow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kapell.model.problem import InvalidFlow
from kapell.source import flow_graph
from kapell.source.drawing import mermaid, tree

INVALID = 1
UNREADABLE = 2


def show_graph(file: Path, manner: str) -> int:
    """Print the graph as `text`, `mermaid` or `json`; the exit status."""
    try:
        graph = flow_graph(sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        print(f"{file}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
        return UNREADABLE
    except InvalidFlow as invalid:
        for problem in invalid.problems:
            place = f"{file}:{problem.line}:{problem.column}"
            print(f"{place} {problem.severity} {problem.code} {problem}", file=sys.stderr)
        return INVALID
    if manner == "json":
        print(json.dumps(graph.to_dict(), indent=2, ensure_ascii=False))
    else:
        print(mermaid(graph) if manner == "mermaid" else tree(graph), end="")
    return 0
