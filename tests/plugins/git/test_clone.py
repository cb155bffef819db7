"""Cloning real repositories of this machine."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.model.state import State
from kapell.services.context import TaskContext

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
CLONE = "io.kestra.plugin.git.Clone"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
    ran = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return ran.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Two commits on `main`, tag `v1` on the first, a branch `other`."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "--quiet", "-b", "main")
    for name in ("one", "two"):
        (folder / name).write_text(name)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", name)
        git(folder, *(("tag", "v1") if name == "one" else ("branch", "other")))
    return folder


def clone(origin: Path, look: Callable[[Path], object], **properties: object) -> tuple[Ran, object]:
    """Clone, and look at the working folder before it is gone."""
    seen: list[object] = []

    def prepare(ctx: TaskContext) -> None:
        close = ctx.close

        def look_and_close() -> None:
            seen.append(look(ctx.working_dir))
            close()

        (ctx.working_dir / "mine").write_text("mine")
        ctx.close = look_and_close

    ran = attempt(CLONE, {"url": f"file://{origin}", **properties}, prepare=prepare)
    return ran, seen[0]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_repository_is_cloned_into_the_working_folder(origin: Path) -> None:
    ran, seen = clone(origin, lambda folder: (names(folder), git(folder, "rev-list", "--count", "HEAD")))
    assert ran.result.error is None
    assert seen == ({".git", "mine", "one", "two"}, "1")


def test_into_a_folder_with_its_history(origin: Path) -> None:
    ran, seen = clone(
        origin, lambda folder: git(folder / "sub/repo", "rev-list", "--count", "HEAD"), directory="sub/repo", depth=0
    )
    assert seen == "2"
    assert str(ran.result.outputs["directory"]).endswith("/sub/repo")


@pytest.mark.parametrize(
    ("given", "head"),
    [({"tag": "v1"}, {"one"}), ({"branch": "other"}, {"one", "two"}), ({"commit": None}, {"one"})],
)
def test_a_branch_a_tag_or_a_commit(origin: Path, given: dict, head: set[str]) -> None:
    given = {"commit": git(origin, "rev-parse", "v1")[:12]} if "commit" in given else given
    ran, seen = clone(origin, names, **given)
    assert ran.result.error is None
    assert seen == {".git", "mine"} | head


def test_branches_and_tags_may_be_left_behind(origin: Path) -> None:
    _, seen = clone(
        origin,
        lambda folder: git(folder, "for-each-ref", "--format=%(refname:short)"),
        clone_all_branches=False,
        no_tags=True,
        depth=0,
    )
    assert set(str(seen).split()) <= {"main", "origin/main", "origin", "origin/HEAD"}
    _, seen = clone(origin, lambda folder: git(folder, "for-each-ref", "--format=%(refname:short)"), depth=0)
    assert {"origin/other", "v1"} <= set(str(seen).split())


def test_submodules_of_the_worker_s_disk_are_not_read(origin: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet", "-b", "main")
    git(outer, "submodule", "--quiet", "add", f"file://{origin}", "inner")
    git(outer, "commit", "--quiet", "-m", "outer")
    ran, _ = clone(outer, names, clone_submodules=True)
    assert "transport 'file' not allowed" in (ran.result.error or "")
    ran, seen = clone(
        outer,
        lambda folder: names(folder / "inner"),
        clone_submodules=True,
        git_config={"protocol.file.allow": "always"},
    )
    assert ran.result.error is None
    assert {"one", "two"} <= seen


def test_what_git_says_is_the_error_without_a_login(origin: Path) -> None:
    ran, seen = clone(origin, names, branch="nowhere")
    assert ran.result.state is State.FAILED
    assert "git clone failed with exit code 128: " in (ran.result.error or "")
    assert seen == {"mine"}
    for url in ("http://me:hunter2@127.0.0.1:1/x", "http://me:p@ss-hunter2@127.0.0.1:1/x"):
        ran, _ = clone(origin, names, url=url)
        assert "git clone failed" in (ran.result.error or "")
        assert "hunter2" not in f"{ran.result.error} {ran.said}"
    ran, _ = clone(origin, names, url=f"file://{origin}/missing")
    assert "and the repository exists" in (ran.result.error or "")


@pytest.mark.parametrize(
    "given",
    [{"url": "--upload-pack=touch /tmp/x"}, {"url": "ext::sh -c date"}, {"commit": "--help"}, {"directory": "../x"}],
)
def test_no_property_is_an_option_or_leads_elsewhere(origin: Path, given: dict) -> None:
    ran, seen = clone(origin, names, **given)
    assert ran.result.state is State.FAILED
    assert seen == {"mine"}
