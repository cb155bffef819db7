"""Files of a repository become those of a namespace."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from attempts import attempt
from kapell.adapters.files.local import LocalFiles
from kapell.sdk.namespace_files import NamespaceFiles
from plugins.git.test_clone import git
from tables import rows, text

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
SYNC = "io.kestra.plugin.git.SyncNamespaceFiles"
NAMESPACE = "company.team"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with a folder of files, some of them to be ignored."""
    folder = tmp_path / "origin"
    for name, content in {
        "dbt/new.sql": "select 1",
        "dbt/models/a é.sql": "new",
        "dbt/same.sql": "same",
        "dbt/target/run.log": "x",
        "dbt/.kestraignore": "/target\n*.tmp\n",
        "dbt/models/x.tmp": "x",
        "README.md": "no",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "dbt/link").symlink_to("/etc/passwd")
    (folder / "out").symlink_to("/etc")
    git(folder, "init", "--quiet", "-b", "main")
    git(folder, "add", "--force", ".")
    git(folder, "commit", "--quiet", "-m", "one")
    return folder


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    """Three files in the namespace: one that is old, one that is the same, one that the repository has not."""
    files = LocalFiles(tmp_path / "storage")
    for name, content in {"models/a é.sql": "old", "same.sql": "same", "mine.sql": "mine"}.items():
        NamespaceFiles(files).put(NAMESPACE, name, io.BytesIO(content.encode()))
    return files


def sync(files: LocalFiles, origin: Path, **given: object) -> dict[str, str]:
    """Sync; what was done by the paths."""
    properties = {"url": f"file://{origin}", "namespace": NAMESPACE, "git_directory": "dbt", **given}
    ran = attempt(SYNC, {"branch": "main", **properties}, files=files)
    assert ran.result.error is None, ran.result.error
    found = rows(files, (ran.result.outputs or {})["files"])
    return {str(row["kestraPath"]): str(row["syncState"]) for row in found}


def test_files_come_into_the_namespace_and_what_is_ignored_stays_out(files: LocalFiles, origin: Path) -> None:
    assert sync(files, origin) == {"/models/a é.sql": "OVERWRITTEN", "/new.sql": "ADDED", "/same.sql": "UNCHANGED"}
    stored = NamespaceFiles(files)
    assert {*stored.list(NAMESPACE)} == {"/models/a é.sql", "/new.sql", "/same.sql", "/mine.sql"}
    assert text(files, stored.address(NAMESPACE, "models/a é.sql")) == "new"
    assert text(files, stored.address(NAMESPACE, "models/a é.sql", revision=1)) == "old"


def test_what_the_repository_has_not_is_deleted_if_that_is_wanted(files: LocalFiles, origin: Path) -> None:
    assert sync(files, origin, delete=True)["/mine.sql"] == "DELETED"
    assert "/mine.sql" not in {*NamespaceFiles(files).list(NAMESPACE)}


def test_a_dry_run_changes_nothing(files: LocalFiles, origin: Path) -> None:
    before = {*NamespaceFiles(files).list(NAMESPACE)}
    assert sync(files, origin, delete=True, dry_run=True) == {
        "/mine.sql": "DELETED",
        "/models/a é.sql": "OVERWRITTEN",
        "/new.sql": "ADDED",
        "/same.sql": "UNCHANGED",
    }
    assert {*NamespaceFiles(files).list(NAMESPACE)} == before


def test_the_whole_repository_may_be_meant(files: LocalFiles, origin: Path) -> None:
    assert "/README.md" in sync(files, origin, git_directory=".", dry_run=True)


@pytest.mark.parametrize("folder", ["nowhere", "out", "dbt/link", "../x"])
def test_a_folder_that_is_not_in_the_repository_fails_and_deletes_nothing(
    files: LocalFiles, origin: Path, folder: str
) -> None:
    properties = {"url": f"file://{origin}", "namespace": NAMESPACE, "git_directory": folder, "branch": "main"}
    ran = attempt(SYNC, {**properties, "delete": True}, files=files)
    assert folder in (ran.result.error or "")
    assert len([*NamespaceFiles(files).list(NAMESPACE)]) == 3
