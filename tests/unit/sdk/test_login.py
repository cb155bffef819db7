"""No login is shown with an address."""

from __future__ import annotations

import pytest

from kapell.sdk.login import without_login


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://me:pass@host/x", "http://******@host/x"),
        ("clone https://me:p@ss@host:1/x@y failed", "clone https://******@host:1/x@y failed"),
        ("https://host/a@b", "https://host/a@b"),
        ("https://host?mail=a@b", "https://host?mail=a@b"),
        ("me@host is no address", "me@host is no address"),
    ],
)
def test_what_stands_before_the_host_is_hidden(text: str, shown: str) -> None:
    assert without_login(text) == shown
