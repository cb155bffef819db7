from __future__ import annotations

from collections.abc import Iterator

import pytest

from store_doors import Opened, opened


@pytest.fixture
def around() -> Iterator[Opened]:
    with opened() as found:
        yield found
