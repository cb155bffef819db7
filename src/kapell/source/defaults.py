"""`pluginDefaults`: values for every task, trigger or runner of a type, merged in before anybody reads them."""

from __future__ import annotations

from typing import NamedTuple

from kapell.sdk.registry import canonical
from kapell.source.fields import NOT_NULL, Fields
from kapell.source.nodes import Entry, MapNode


class Default(NamedTuple):
    """Values for a type, or for all types of a folder."""

    type: str
    values: MapNode
    forced: bool

    def fits(self, type: str) -> bool:
        """Whether it is meant for `type`."""
        return type == self.type or type.startswith(self.type + ".")


class Defaults:
    """The defaults of a flow, in their order: a later one wins over an earlier one."""

    def __init__(self, defaults: tuple[Default, ...] = ()) -> None:
        self.defaults = defaults

    def apply(self, node: MapNode, type: str) -> MapNode:
        """`node` with what the defaults add; its own values stay, but where the default is forced."""
        fitting = [default for default in self.defaults if default.fits(canonical(type))]
        for default in reversed([default for default in fitting if not default.forced]):
            node = _merge(default.values, node)
        for default in (default for default in fitting if default.forced):
            node = _merge(node, default.values)
        return node


def read_defaults(fields: Fields) -> Defaults:
    """What a flow says under `pluginDefaults`, or under its older name."""
    found = []
    for node, place in fields.maps("pluginDefaults", "taskDefaults"):
        inner = Fields(node, place, fields.findings)
        type = inner.text("type")
        values = inner.map_of("values")
        forced = inner.boolean("forced")
        if type is None:
            inner.wrong("type", NOT_NULL, "missing")
        elif values is not None:
            found.append(Default(canonical(type), values, forced))
        inner.refuse_unknown("io.kestra.core.models.flows.PluginDefault")
    return Defaults(tuple(found))


def _merge(under: MapNode, over: MapNode) -> MapNode:
    merged = MapNode(over.line, over.column, dict(over.entries))
    for key, entry in under.entries.items():
        above = over.entries.get(key)
        if above is None or over.get(key) is None:
            merged.entries[key] = entry
        elif isinstance(entry.value, MapNode) and isinstance(above.value, MapNode):
            merged.entries[key] = Entry(_merge(entry.value, above.value), above.line, above.column)
    return merged
