"""What counts as true where a property holds a condition."""

from __future__ import annotations

_FALSE = frozenset({"", "false", "0", "-0"})


def truthy(value: object) -> bool:
    """Kestra: nothing, blank text, `false`, `0`, `-0` are false; all else is true, "[]" and "False" included."""
    if value is None or isinstance(value, bool):
        return bool(value)
    return str(value).strip() not in _FALSE
