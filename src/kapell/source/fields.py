"""Reading a map whose keys are known: one call for each, and at the end a word about the keys that nobody asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from kapell.source.nodes import Entry, ListNode, MapNode, Node, Place, ScalarNode, is_expression, plain, scalar_text
from kapell.source.problem import Findings, did_you_mean

NOT_NULL = "must not be null"
NOT_EMPTY = "must not be empty"
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE", ""})


class Fields:
    """The members of one map. What does not fit is reported, and read as if it were not there."""

    def __init__(self, node: MapNode, place: Place, findings: Findings) -> None:
        self.map = node
        self.place = place
        self.findings = findings
        self.known: set[str] = set()

    def node(self, *keys: str) -> Node | None:
        """The value under the first of `keys` that is there; null is not there."""
        self.known.update(keys)
        for key in keys:
            if (node := self.map.get(key)) is not None:
                return node
        return None

    def at(self, key: str) -> Node | Entry | MapNode:
        """Where to point at for the member `key`: its value, or the whole map."""
        return self.map.get(key) or self.map.entries.get(key) or self.map

    def wrong(self, key: str, message: str, code: str = "wrong-value", remedy: str = "") -> None:
        """Report an error about the member `key`."""
        self.findings.error(code, message, self.place.key(key), self.at(key), remedy)

    def doubtful(self, key: str, message: str, code: str = "doubtful-value", remedy: str = "") -> None:
        """Report a warning about the member `key`."""
        self.findings.warning(code, message, self.place.key(key), self.at(key), remedy)

    def text(self, *keys: str) -> str | None:
        """A text; other scalars become one."""
        node = self.node(*keys)
        if node is None:
            return None
        if isinstance(node, ScalarNode):
            return scalar_text(node.value)
        self.wrong(self._given(keys), "must be a text")
        return None

    def required_text(self, key: str) -> str:
        """A text that must be there; the empty text where it is not."""
        text = self.text(key)
        if self.node(key) is None:
            self.wrong(key, NOT_NULL, "missing")
        return text or ""

    def boolean(self, *keys: str, default: bool = False) -> bool:
        """True or false, as a boolean, its word, or a whole number."""
        node = self.node(*keys)
        if node is None:
            return default
        value = node.value if isinstance(node, ScalarNode) else plain(node)
        if isinstance(value, str) and value in _TRUE:
            return True
        if isinstance(value, str) and value in _FALSE:
            return False
        if isinstance(value, bool | int):
            return bool(value)
        self.wrong(self._given(keys), f"`{shown(value)}` is neither true nor false")
        return default

    def integer(self, *keys: str, least: int | None = None) -> int | None:
        """A whole number."""
        node = self.node(*keys)
        if node is None:
            return None
        try:
            value = int(scalar_text(node.value)) if isinstance(node, ScalarNode) else None
        except ValueError:
            value = None
        if value is None:
            self.wrong(self._given(keys), f"`{shown(plain(node))}` is not a whole number")
        elif least is not None and value < least:
            self.wrong(self._given(keys), f"must be greater than or equal to {least}")
            return None
        return value

    def number(self, key: str) -> float | None:
        """A number."""
        node = self.node(key)
        if node is None:
            return None
        try:
            return float(scalar_text(node.value)) if isinstance(node, ScalarNode) else None
        except ValueError:
            self.wrong(key, f"`{shown(plain(node))}` is not a number")
            return None

    def choice(self, key: str, options: Sequence[str], default: str | None = None) -> str | None:
        """One of `options`."""
        text = self.text(key)
        if text is None:
            return default
        if text not in options and not is_expression(text):
            remedy = did_you_mean(text, options)
            self.wrong(key, f"`{shown(text)}` is none of {', '.join(options)}", remedy=remedy)
            return default
        return text

    def texts(self, *keys: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        node = self.node(*keys)
        if isinstance(node, ScalarNode):
            return (scalar_text(node.value),) if node.value != "" else ()
        if isinstance(node, ListNode) and all(isinstance(item, ScalarNode) for item in node.items):
            return tuple(scalar_text(item.value) for item in node.items if isinstance(item, ScalarNode))
        if node is not None:
            self.wrong(self._given(keys), "must be a list of texts")
        return ()

    def maps(self, *keys: str) -> Iterator[tuple[MapNode, Place]]:
        """The maps of a list, each with its place; it goes by the item's id. Kestra: null items are none."""
        node = self.node(*keys)
        if node is None or (isinstance(node, ScalarNode) and node.value == ""):
            return
        key = self._given(keys)
        if not isinstance(node, ListNode):
            self.wrong(key, "must be a list")
            return
        for index, item in enumerate(node.items):
            if isinstance(item, MapNode):
                yield item, self.place.key(key).item(index, item.text("id"))
            elif not (isinstance(item, ScalarNode) and item.value is None):
                self.findings.error("wrong-value", "must be a map", self.place.key(key).item(index), item)

    def map_of(self, *keys: str) -> MapNode | None:
        """A map."""
        node = self.node(*keys)
        if node is None or isinstance(node, MapNode) or (isinstance(node, ScalarNode) and node.value == ""):
            return node if isinstance(node, MapNode) else None
        self.wrong(self._given(keys), "must be a map")
        return None

    def values(self, *keys: str) -> dict[str, object]:
        """A map of any values, without those that are null."""
        node = self.map_of(*keys)
        value = plain(node) if node else {}
        return value if isinstance(value, dict) else {}

    def raw(self, *keys: str) -> object:
        """Any value."""
        node = self.node(*keys)
        return None if node is None else plain(node)

    def refuse_unknown(self, owner: str, more: Collection[str] = ()) -> None:
        """Report the keys that were not asked for; `owner` is the name of Kestra's class."""
        for key, entry in self.map.entries.items():
            if key not in self.known and key not in more and not self.findings.full("error"):
                self.findings.error(
                    "unknown-property",
                    f'Unrecognized field "{key}" (class {owner})',
                    self.place.key(key),
                    entry,
                    did_you_mean(key, self.known),
                )

    def _given(self, keys: Sequence[str]) -> str:
        return next((key for key in keys if key in self.map.entries), keys[0])


def shown(value: object, longest: int = 80) -> str:
    """A value in a message, cut where it is long."""
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"
