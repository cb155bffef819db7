"""`pluginDefaults`: values for every task, trigger or runner of a type, merged in before anybody reads them."""

from __future__ import annotations

from typing import NamedTuple

from kapell.sdk.registry import canonical
from kapell.source.fields import Fields
from kapell.source.nodes import Entry, MapNode

MOST_DEFAULTS = 200
MOST_ADDED = 100_000


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

    def __init__(self, fields: Fields, defaults: tuple[Default, ...]) -> None:
        self.fields = fields
        self.defaults = defaults
        self.left = MOST_ADDED
        self.known: dict[str, tuple[MapNode, MapNode]] = {}

    def apply(self, node: MapNode, type: str) -> MapNode:
        """`node` with what the defaults add; its own values stay, but where the default is forced."""
        if not self.defaults:
            return node
        if type not in self.known:
            self.known[type] = self._of(canonical(type))
        under, over = self.known[type]
        if not under.entries and not over.entries:
            return node
        self.left -= len(under.entries) + len(over.entries)
        if self.left < 0:
            self._too_many()
            return node
        merged = _merge(_merge(under, node), over)
        merged.line, merged.column = node.line, node.column
        return merged

    def _of(self, type: str) -> tuple[MapNode, MapNode]:
        under, over = MapNode(0, 0), MapNode(0, 0)
        for default in self.defaults:
            if default.fits(type) and default.forced:
                over = _merge(over, default.values)
            elif default.fits(type):
                under = _merge(under, default.values)
        return under, over

    def _too_many(self) -> None:
        if self.left > -MOST_ADDED:
            self.fields.wrong("pluginDefaults", f"they add more than {MOST_ADDED:,} values to the flow", "too-many")
            self.left = -MOST_ADDED


def read_defaults(fields: Fields) -> Defaults:
    """What a flow says under `pluginDefaults`, or under its older name."""
    found = []
    for node, place in fields.maps("pluginDefaults", "taskDefaults"):
        inner = Fields(node, place, fields.findings)
        type = inner.text("type")
        values = inner.map_of("values")
        forced = inner.boolean("forced")
        if values is None or type is None:
            missing = "type" if type is None and values is not None else "values"
            message = f"Invalid Plugin Default: No '{missing}' provided"
            inner.findings.error("missing", message, place, inner.at(missing))
        else:
            found.append(Default(canonical(type), values, forced))
        inner.refuse_unknown("io.kestra.core.models.flows.PluginDefault")
    if len(found) > MOST_DEFAULTS:
        fields.wrong("pluginDefaults", f"there are more than {MOST_DEFAULTS} of them", "too-many")
    return Defaults(fields, tuple(found[:MOST_DEFAULTS]))


def _merge(under: MapNode, over: MapNode) -> MapNode:
    merged = MapNode(over.line, over.column, dict(over.entries))
    for key, entry in under.entries.items():
        above = over.entries.get(key)
        if above is None or over.get(key) is None:
            merged.entries[key] = entry
        elif isinstance(entry.value, MapNode) and isinstance(above.value, MapNode):
            merged.entries[key] = Entry(_merge(entry.value, above.value), above.line, above.column)
    return merged
