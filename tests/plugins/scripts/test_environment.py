from pathlib import Path

import pytest

from kapell.plugins.scripts._environment import environment, real_python


def test_secrets_and_settings_stay_with_the_worker() -> None:
    own = {"SECRET_A": "x", "KAPELL_URL": "x", "HOME": "/root", "ENV_TEAM": "data", "PATH": "/bin"}
    assert environment(own, "/usr", "/usr") == {"HOME": "/root", "ENV_TEAM": "data", "PATH": "/bin"}


def test_kapell_s_own_virtual_environment_is_left_out() -> None:
    own = {"VIRTUAL_ENV": "/opt/kapell", "VIRTUAL_ENV_PROMPT": "kapell", "PATH": "/opt/kapell/bin:/bin"}
    assert environment(own, "/opt/kapell", "/usr") == {"PATH": "/bin"}


def test_the_virtual_environment_of_somebody_else_is_kept() -> None:
    own = {"VIRTUAL_ENV": "/home/me/venv", "PATH": "/home/me/venv/bin:/opt/kapell/bin:/bin"}
    assert environment(own, "/opt/kapell", "/usr") == {
        "VIRTUAL_ENV": "/home/me/venv",
        "PATH": "/home/me/venv/bin:/bin",
    }


def program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_python_behind_a_shim_is_found_and_the_shim_asked_once(tmp_path: Path) -> None:
    real = program(tmp_path / "versions/bin/python3", "")
    program(tmp_path / "shims/python3", f"echo asked >> {tmp_path}/asked; echo {real}")
    env = {"PATH": f"{tmp_path}/shims"}
    assert [real_python(env), real_python(env)] == [real, real]
    assert (tmp_path / "asked").read_text() == "asked\n"


@pytest.mark.parametrize("answer", ["exit 1", "echo /no/such/python"])
def test_a_shim_that_can_not_tell_is_used_itself(tmp_path: Path, answer: str) -> None:
    shim = program(tmp_path / "python3", answer)
    assert real_python({"PATH": str(tmp_path)}) == shim


def test_without_any_python_there_is_none(tmp_path: Path) -> None:
    assert real_python({"PATH": str(tmp_path)}) is None
