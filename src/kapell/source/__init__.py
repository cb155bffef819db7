"""YAML text → tree with places → Flow, and all that is wrong with it. Opens nothing and reads no clock."""

from kapell.source.calls import FlowLookup
from kapell.source.check import check, load

__all__ = ["FlowLookup", "check", "load"]
