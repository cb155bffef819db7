"""Types that exist in these tests alone."""

from __future__ import annotations

import pytest

from unit.source.sources import find


@pytest.fixture(autouse=True)
def types_of_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kapell.source.values.find", find)
