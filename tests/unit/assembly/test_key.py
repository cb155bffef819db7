"""The installation's key."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from kapell.assembly.key import encryption_key
from kapell.assembly.settings import Settings
from kapell.errors import KapellError


def test_a_configured_key_is_taken_as_it_is(tmp_path: Path) -> None:
    configured = b64encode(bytes(range(16))).decode()
    settings = Settings(state_dir=tmp_path, environ={"KAPELL_ENCRYPTION_KEY": configured})
    assert encryption_key(settings) == bytes(range(16))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("configured", ["", "no base64!", "AAAA"])
def test_a_configured_key_that_is_none_stops_the_start(configured: str) -> None:
    with pytest.raises(KapellError, match="KAPELL_ENCRYPTION_KEY is not base64 of a key of 16, 24 or 32 bytes"):
        encryption_key(Settings(environ={"KAPELL_ENCRYPTION_KEY": configured}))


def test_an_installation_makes_its_key_once(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "new", environ={})
    assert encryption_key(settings) == encryption_key(settings)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["encryption.key"]


def test_what_lives_in_memory_has_a_key_of_its_own() -> None:
    assert encryption_key(Settings(environ={})) != encryption_key(Settings(environ={}))
