"""Addresses as they may be shown."""

from __future__ import annotations

import re


def without_login(text: str) -> str:
    """The text without what stands between `//` and `@` in an address."""
    return re.sub(r"//[^/?#\s]+@", "//******@", text)
