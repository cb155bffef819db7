"""YAML text → tree with places → Flow, and all that is wrong with it. Opens nothing and reads no clock."""

from kapell.source.check import FlowLookup, check, load

__all__ = ["FlowLookup", "check", "load"]
