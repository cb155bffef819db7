"""Labels: a map, or a list of keys and values. Kestra: they are texts, not expressions."""

from __future__ import annotations

from collections.abc import Iterator

from kapell.source.fields import Fields, shown
from kapell.source.nodes import ListNode, MapNode, Node, Place, ScalarNode, plain, scalar_text

SYSTEM = "system."
FREE = frozenset({"system.readOnly"})


def read_labels(fields: Fields) -> dict[str, str]:
    """The labels of a flow; a key that comes again has its last value."""
    labels: dict[str, str] = {}
    for key, node, place in _pairs(fields):
        value = node.value if isinstance(node, ScalarNode) else plain(node)
        if not isinstance(node, ScalarNode) or value is None:
            message = f"Unsupported type for key: {shown(key)}, value: {shown('null' if value is None else value)}"
            fields.findings.error("bad-label", message, place, node, "a label is a text")
            continue
        text = scalar_text(node.value)
        if not text.strip():
            fields.findings.error("bad-label", f"the label `{shown(key)}` has no value", place, node)
        if key.startswith(SYSTEM) and key not in FREE:
            message = "Invalid Flow: System labels can only be set by Kestra itself, "
            offending = f"offending label: {shown(key)}={shown(text)}"
            fields.findings.error("system-label", message + offending, Place("", place.pointer), node)
        labels[key] = text
    return labels


def _pairs(fields: Fields) -> Iterator[tuple[str, Node, Place]]:
    node = fields.node("labels")
    place = fields.place.key("labels")
    if isinstance(node, MapNode):
        for key, entry in node.entries.items():
            yield key, entry.value, place.key(key)
    elif isinstance(node, ListNode):
        for item, inner in fields.maps("labels"):
            pair = Fields(item, inner, fields.findings)
            key = pair.required_text("key")
            value = item.get("value") or ScalarNode(None, item.line, item.column)
            yield key, value, inner.key("value")
            pair.known.add("value")
            pair.refuse_unknown("io.kestra.core.models.Label")
    elif node is not None and node.value != "":
        fields.wrong("labels", "must be a map, or a list of maps with key and value")
