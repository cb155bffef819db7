from __future__ import annotations

import io
from pathlib import Path

import pytest

from attempts import Ran, attempt, named
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.services.context import TaskContext

TYPE = "io.kestra.plugin.core.namespace."
NAMESPACE = "company.team"
PLACE = "/company/team/x"
FLOW = {"flow": {"namespace": NAMESPACE}}


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


def run(storage: LocalFiles, name: str, prepare=lambda _ctx: None, **properties: object) -> Ran:
    given = named(f"{TYPE}{name}", properties)
    return attempt(f"{TYPE}{name}", given, files=storage, variables=FLOW, prepare=prepare)


def text(files: LocalFiles, address: str) -> str:
    with files.open(address) as content:
        return content.read().decode()


def paths(files: LocalFiles) -> list[str]:
    return list(NamespaceFiles(files).list(NAMESPACE))


def put(files: LocalFiles, *names: str) -> None:
    for name in names:
        NamespaceFiles(files).put(NAMESPACE, name, io.BytesIO(name.encode()))


def test_stored_files_are_uploaded_under_the_names_of_a_map(files: LocalFiles) -> None:
    address = files.put(f"{PLACE}/a.txt", io.BytesIO(b"content"))
    ran = run(files, "UploadFiles", filesMap={"sql/a.txt": address}, destination="/d")
    assert ran.result.state is State.SUCCESS
    assert paths(files) == ["/d/sql/a.txt"]
    assert run(files, "UploadFiles", filesMap=f'{{"b.txt": "{address}"}}').result.state is State.SUCCESS
    assert text(files, NamespaceFiles(files).address(NAMESPACE, "b.txt")) == "content"


def test_files_of_the_working_folder_are_uploaded_by_globs(files: LocalFiles) -> None:
    def write(ctx: TaskContext) -> None:
        for name in ("a.sql", "dbt/m/b.sql", "dbt/c.txt", "x/dbt/d.sql"):
            place = ctx.working_dir / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(name)

    run(files, "UploadFiles", write, files=["dbt/*.txt", "glob:**/x/**"])
    assert paths(files) == ["/dbt/c.txt", "/x/dbt/d.sql"]


@pytest.mark.parametrize(
    ("conflict", "state", "content"),
    [("OVERWRITE", State.SUCCESS, "new"), ("SKIP", State.SUCCESS, "a.txt"), ("ERROR", State.FAILED, "a.txt")],
)
def test_a_file_that_is_there_gets_a_revision_stays_or_fails(
    files: LocalFiles, conflict: str, state: State, content: str
) -> None:
    put(files, "a.txt")
    address = files.put(f"{PLACE}/new.txt", io.BytesIO(b"new"))
    ran = run(files, "UploadFiles", filesMap={"a.txt": address}, conflict=conflict)
    assert ran.result.state is state
    assert text(files, NamespaceFiles(files).address(NAMESPACE, "a.txt")) == content
    if state is State.FAILED:
        assert ran.said == [("ERROR", f"File '/a.txt' already exists in namespace '{NAMESPACE}'.")]


def test_an_upload_needs_files_that_are_there_and_paths_that_do_not_climb(files: LocalFiles) -> None:
    address = files.put(f"{PLACE}/new.txt", io.BytesIO(b"new"))
    assert run(files, "UploadFiles").said == [("ERROR", "files or filesMap is required")]
    assert run(files, "UploadFiles", filesMap={"a": f"kestra://{PLACE}/none"}).result.state is State.FAILED
    assert run(files, "UploadFiles", filesMap={"../a": address}).result.state is State.FAILED
    assert paths(files) == []


def test_chosen_files_are_downloaded_to_the_execution(files: LocalFiles) -> None:
    put(files, "nf/a.txt", "nf/deep/b.txt", "c.md")
    ran = run(files, "DownloadFiles", namespace=NAMESPACE, files=["nf/**.txt"], destination="copy/")
    copies = (ran.result.outputs or {})["files"]
    assert list(copies) == ["/nf/a.txt", "/nf/deep/b.txt"]
    assert text(files, copies["/nf/a.txt"]) == "nf/a.txt"
    assert copies["/nf/a.txt"].endswith("/copy/nf/a.txt")
    assert [(m.name, m.value) for m in ran.metrics] == [("downloaded", 2)]


def test_deleted_files_are_gone_and_go_on_counting(files: LocalFiles) -> None:
    put(files, "old/a.txt", "b.txt")
    ran = run(files, "DeleteFiles", namespace=NAMESPACE, files="/old/**")
    assert paths(files) == ["/b.txt"]
    assert [(m.name, m.value) for m in ran.metrics] == [("deleted", 1)]
    assert NamespaceFiles(files).put(NAMESPACE, "old/a.txt", io.BytesIO(b"again")) == 2
