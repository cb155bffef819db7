"""Files of namespaces in a script's folder: which of them, where, and what happens to what is there already."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles

COMMANDS = "io.kestra.plugin.scripts.shell.Commands"
NAMES = ("top.txt", "queries/a.sql", "queries/deep/b.sql", "secret/b.sql")


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    files = LocalFiles(tmp_path / "storage")
    for name in NAMES:
        files.put(f"/company/team/_files/{name}", io.BytesIO(b"team\n"))
    files.put("/other/_files/top.txt", io.BytesIO(b"other\n"))
    return files


def run(files: LocalFiles, chosen: Mapping[str, object], shared: Path | None = None) -> Ran:
    properties = {"commands": ["find . -type f | sort | xargs -r grep -H ''"], "namespace_files": chosen}
    return attempt(COMMANDS, properties, files=files, prepare=lambda ctx: setattr(ctx, "_shared", shared))


def found(ran: Ran) -> list[str]:
    return [message.removeprefix("./").removesuffix(":team") for _, message in ran.said]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, sorted(NAMES)),
        ({"enabled": False}, []),
        ({"include": ["**/*.sql"]}, ["queries/a.sql", "queries/deep/b.sql", "secret/b.sql"]),
        ({"include": ["b.sql"]}, ["queries/deep/b.sql", "secret/b.sql"]),
        ({"include": ["queries"], "exclude": ["deep/**"]}, ["queries/a.sql"]),
        ({"include": ["queries/*.sql"]}, ["queries/a.sql"]),
        ({"include": ["/queries/**"]}, ["queries/a.sql", "queries/deep/b.sql"]),
        ({"exclude": ["*.txt", "secret/"]}, ["queries/a.sql", "queries/deep/b.sql"]),
        ({"include": ["regex:.*top.*"]}, ["top.txt"]),
    ],
)
def test_globs_choose_the_files(files: LocalFiles, chosen: Mapping[str, object], expected: list[str]) -> None:
    ran = run(files, chosen)
    assert found(ran) == expected


def test_a_later_namespace_s_file_replaces_that_of_an_earlier_one(files: LocalFiles) -> None:
    chosen = {"namespaces": ["company.team", "other"], "include": ["top.txt"]}
    assert run(files, chosen).said == [("INFO", "./top.txt:other")]


def test_each_namespace_may_have_its_own_folder(files: LocalFiles) -> None:
    chosen = {"namespaces": ["company.team", "other"], "include": ["top.txt"], "folderPerNamespace": True}
    assert run(files, chosen).said == [("INFO", "./company.team/top.txt:team"), ("INFO", "./other/top.txt:other")]


@pytest.mark.parametrize(
    ("if_exists", "said"),
    [
        ("OVERWRITE", [("INFO", "./top.txt:team")]),
        ("IGNORE", [("INFO", "./top.txt:mine")]),
        ("WARN", [("WARN", "File top.txt already exists. It will be ignored"), ("INFO", "./top.txt:mine")]),
        ("FAIL", [("ERROR", "File top.txt already exists")]),
    ],
)
def test_what_is_there_already_is_treated_as_asked(
    files: LocalFiles, tmp_path: Path, if_exists: str, said: list[tuple[str, str]]
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/top.txt").write_text("mine\n")
    assert run(files, {"include": ["top.txt"], "ifExists": if_exists}, tmp_path / "shared").said == said
