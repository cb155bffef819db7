"""YAML text → tree with places → Flow, and all that is wrong with it. Opens nothing and reads no clock.

What is told about flows and types (completion, docs, graph, schemas) is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kapell.source.calls import FlowLookup
from kapell.source.check import check, load

if TYPE_CHECKING:
    from kapell.source.completion import Completion, complete
    from kapell.source.diff import Change, FlowDiff, compare
    from kapell.source.document import Document, documents
    from kapell.source.folder import FlowFile, check_all
    from kapell.source.graph import FlowGraph
    from kapell.source.page import doc
    from kapell.source.schema import flow_schema, kind_schema, page_schema, type_schema
    from kapell.source.topology import flow_graph

__all__ = [
    "Change",
    "Completion",
    "Document",
    "FlowDiff",
    "FlowFile",
    "FlowGraph",
    "FlowLookup",
    "check",
    "check_all",
    "compare",
    "complete",
    "doc",
    "documents",
    "flow_graph",
    "flow_schema",
    "kind_schema",
    "load",
    "page_schema",
    "type_schema",
]

_HOMES = {
    "completion": ("Completion", "complete"),
    "diff": ("Change", "FlowDiff", "compare"),
    "document": ("Document", "documents"),
    "folder": ("FlowFile", "check_all"),
    "graph": ("FlowGraph",),
    "page": ("doc",),
    "schema": ("flow_schema", "kind_schema", "page_schema", "type_schema"),
    "topology": ("flow_graph",),
}


def __getattr__(name: str) -> object:
    import importlib

    for module, names in _HOMES.items():
        if name in names:
            value: object = getattr(importlib.import_module(f"kapell.source.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'kapell.source' has no attribute {name!r}")
