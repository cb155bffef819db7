"""Python environments: made once, shared, locked, pruned; uv itself is played by a script."""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from pathlib import Path

import pytest

from attempts import Ran, attempt, context
from kapell.adapters.files.local import LocalFiles
from kapell.model.flow import Task
from kapell.model.state import State
from kapell.plugins.scripts import _uv
from kapell.plugins.scripts._shared import Lock, key_of, prune, with_version
from kapell.plugins.scripts._venv import uses_pip
from kapell.sdk import TaskFailed

SCRIPT = "io.kestra.plugin.scripts.python.Script"
COMMANDS = "io.kestra.plugin.scripts.python.Commands"
SHELL = "io.kestra.plugin.scripts.shell.Commands"
WHERE = "import sys; print(sys.prefix)"

# Makes the environment with Python's own venv; "installs" by writing a module, or fails for a package called `gone`.
UV = """#!/bin/sh
echo "$@" >> "$0.calls"
for last; do
  [ "$before" = --python ] && python=$last
  before=$last
done
if [ "$1" = venv ]; then
  exec {python} -m venv --without-pip "$last"
fi
[ -f "$last" ] && packages=$(cat "$last") || packages=$last
[ "$packages" = gone ] && {{ echo "gone was not found in the package registry" >&2; exit 1; }}
for package in $packages; do
  echo "NAME = '$package'" > "$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/$package.py"
done
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/kapell/python"


@pytest.fixture(autouse=True)
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "uv"
    program.write_text(UV.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setattr(_uv, "uv", lambda: str(program))
    return program


def calls(uv: Path) -> list[str]:
    return [line.split()[0] for line in uv.with_name("uv.calls").read_text().splitlines()]


def script(text: str, *dependencies: str, **properties: object) -> Ran:
    return attempt(SCRIPT, {"script": text, "dependencies": dependencies, **properties})


def said(ran: Ran) -> list[str]:
    return [message for level, message in ran.said if level == "INFO"]


def test_dependencies_are_installed_once_for_all_tasks_that_name_them(uv: Path, cache: Path) -> None:
    text = "import sys, alpha; print(alpha.NAME, sys.prefix)"
    first, second = script(text, "alpha"), script(text, "alpha")
    assert said(first) == said(second) == [f"alpha {next(path for path in cache.iterdir() if path.is_dir())}"]
    assert calls(uv) == ["venv", "pip"]


def test_other_dependencies_have_another_environment(uv: Path) -> None:
    assert said(script(WHERE, "alpha")) != said(script(WHERE, "beta"))
    assert calls(uv) == ["venv", "pip"] * 2


def test_commands_have_the_environment_in_their_path() -> None:
    ran = attempt(COMMANDS, {"commands": ["python -c 'import alpha; print(alpha.NAME)'"], "dependencies": ["alpha"]})
    assert said(ran) == ["alpha"]


def test_a_package_that_can_not_be_had_fails_with_uv_s_words(cache: Path) -> None:
    ran = script("print(1)", "gone")
    assert ran.result.state is State.FAILED
    assert str(ran.result.error).endswith("gone was not found in the package registry")
    assert str(ran.result.error).startswith("The Python environment could not be made:")


def test_what_was_not_made_to_its_end_is_made_anew(uv: Path) -> None:
    assert script(WHERE, "gone").result.state is State.FAILED
    uv.write_text(uv.read_text().replace("exit 1", ":"))
    assert script(WHERE, "gone").result.state is State.SUCCESS


def test_without_the_cache_each_attempt_has_its_own(uv: Path, cache: Path, tmp_path: Path) -> None:
    ran = script(WHERE, "alpha", dependency_cache_enabled=False)
    assert not Path(said(ran)[0]).exists()
    assert not cache.exists()


def test_an_environment_of_an_attempt_has_pip_even_where_the_machine_has_none(uv: Path) -> None:
    ran = attempt(SHELL, {"commands": ["echo pip install x", "cat $(which pip)"]})
    assert said(ran)[-1].endswith('/bin/python -m pip "$@"')
    assert calls(uv)[0] == "venv"


def test_pip_install_goes_to_an_environment_of_the_attempt(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "storage")
    given = {"before_commands": ["echo pip install x"], "commands": [f"python -c '{WHERE}'"], "output_files": ["**"]}
    for kind in (COMMANDS, SHELL):
        ran = attempt(kind, given, files=files)
        assert Path(said(ran)[1]).name.startswith(".venv-")
        assert (ran.result.outputs or {})["outputFiles"] == {}
        assert not Path(said(ran)[1]).exists()


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("pip install requests > /dev/null", True),
        ("python -m pip -q install requests", True),
        ("subprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])", True),
        ("pip list; npm install", False),
        ("pipx install black", False),
        ("build_pipeline()\ninstall()", False),
    ],
)
def test_pip_is_recognized_where_it_installs(text: str, uses: bool) -> None:
    assert uses_pip([text]) is uses
    assert uses_pip([["echo", text]]) is uses


def test_an_environment_in_use_is_not_pruned_and_one_that_nobody_used_for_long_is(cache: Path) -> None:
    cache.mkdir(parents=True)
    used, unused = Lock(cache / "used.lock", None), Lock(cache / "unused.lock", None)
    used.take(fcntl.LOCK_SH)
    unused.close()
    for name in ("used", "unused", "young"):
        (cache / name).mkdir()
    for name in ("used", "unused"):
        os.utime(cache / f"{name}.lock", (0, 0))
    Lock(cache / "young.lock", None).close()
    prune(cache)
    assert sorted(path.name for path in cache.iterdir() if path.is_dir()) == ["used", "young"]
    used.close()


def test_two_at_once_make_it_once(uv: Path) -> None:
    ran: list[Ran] = []
    threads = [threading.Thread(target=lambda: ran.append(script(WHERE, "alpha"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({said(each)[0] for each in ran}) == 1
    assert calls(uv) == ["venv", "pip"]


def test_who_waits_for_another_one_s_work_can_be_stopped(cache: Path) -> None:
    cache.mkdir(parents=True)
    held = Lock(cache / "a.lock", None)
    held.take(fcntl.LOCK_EX)
    ctx = context(Task(id="hello", type=SCRIPT))
    ctx.cancel()
    waiting = Lock(cache / "a.lock", ctx)
    with pytest.raises(TaskFailed, match="asked to stop"):
        waiting.take(fcntl.LOCK_SH)
    waiting.close()
    held.close()


def test_a_version_of_python_is_asked_of_uv(uv: Path) -> None:
    script(WHERE, python_version="3.12")
    assert "--python 3.12" in uv.with_name("uv.calls").read_text()


def test_pip_s_indexes_are_told_to_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"PIP_INDEX_URL": "https://packages.example/simple"}
    assert _uv.with_indexes(env)["UV_DEFAULT_INDEX"] == "https://packages.example/simple"
    assert _uv.with_indexes({**env, "UV_DEFAULT_INDEX": "other"})["UV_DEFAULT_INDEX"] == "other"


def test_a_worker_without_uv_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(TaskFailed, match="uv, which is not installed"):
        _uv.uv()


def test_packages_in_another_order_are_the_same_and_another_version_of_the_interpreter_is_not() -> None:
    env = {"PIP_INDEX_URL": "https://a", "HOME": "/root"}
    key = key_of("python 3.12", ["b", "a", "a"], env, ("PIP_",))
    assert key == key_of("python 3.12", ["a", "b"], {**env, "HOME": "/"}, ("PIP_",))
    assert key != key_of("python 3.13", ["a", "b"], env, ("PIP_",))
    assert key != key_of("python 3.12", ["a", "b"], {**env, "PIP_INDEX_URL": "https://b"}, ("PIP_",))


def test_an_interpreter_that_was_replaced_is_asked_again(tmp_path: Path) -> None:
    program = tmp_path / "node"
    for version in ("v22.1.0", "v24.10.0"):
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
        assert with_version(str(program)) == f"{program} {version}"
    assert with_version("3.12") == "3.12"
