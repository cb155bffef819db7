"""Flows and namespaces, listed and packed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from attempts import Ran, attempt, named
from factories import stored_flow
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from store_doors import Opened, opened

PLACES = ("company.data/a", "company.team/b", "company.team.sub/c", "companies/d")


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def around() -> Iterator[Opened]:
    """Beside the flow that is there, `company.team/hello`."""
    with opened() as found:
        for place in PLACES:
            namespace, _, id = place.partition("/")
            text = f"id: {id}\nnamespace: {namespace}\nlabels:\n  team: {id}\n"
            found.do(found.store.flows.save(stored_flow(id, text, namespace=namespace)))
        found.do(found.store.flows.delete("main", "companies", "d"))
        yield found


def run(around: Opened, name: str, files: LocalFiles, **properties: object) -> Ran:
    type = f"io.kestra.plugin.kestra.{name}"
    return attempt(type, named(type, properties), doors=around.doors, clock=around.clock, files=files)


def packed(ran: Ran, files: LocalFiles) -> list[str]:
    with files.open(str((ran.result.outputs or {})["flowsZip"])) as content, zipfile.ZipFile(content) as archive:
        assert all(archive.read(name).startswith(b"id: ") for name in archive.namelist())
        return archive.namelist()


def test_flows_of_a_namespace_are_listed_as_their_texts_say(around: Opened, files: LocalFiles) -> None:
    outputs = run(around, "flows.List", files, namespace="company.data").result.outputs
    flow = {"id": "a", "namespace": "company.data", "labels": {"team": "a"}, "revision": 1, "disabled": False}
    assert outputs == {"flows": [flow]}
    own = run(around, "flows.List", files).result.outputs or {}
    assert isinstance(own["flows"], list)
    assert [one["id"] for one in own["flows"]] == ["b", "hello"]


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"namespace": "company.team"}, ["company.team-b.yml", "company.team-hello.yml", "company.team.sub-c.yml"]),
        ({"labels": ["team:a"]}, ["company.data-a.yml"]),
        ({"labels": ["team:a"], "namespace": "company.team"}, []),
        ({"namespace": "comp"}, []),
    ],
)
def test_flows_are_packed_by_namespace_and_labels(
    around: Opened, files: LocalFiles, properties: dict[str, object], names: list[str]
) -> None:
    assert packed(run(around, "flows.Export", files, **properties), files) == names


def test_flows_are_packed_by_their_ids(around: Opened, files: LocalFiles) -> None:
    chosen = [{"namespace": "company.team.sub", "id": "c"}, {"namespace": "company.data", "id": "a"}]
    ran = run(around, "flows.ExportById", files, flows=chosen)
    assert packed(ran, files) == ["company.team.sub-c.yml", "company.data-a.yml"]


def test_what_can_not_be_packed_is_told(around: Opened, files: LocalFiles) -> None:
    missing = run(around, "flows.ExportById", files, flows=[{"namespace": "companies", "id": "d"}])
    assert missing.said == [("ERROR", "There is no flow companies.d")]
    wrong = run(around, "flows.Export", files, labels=["team"])
    assert (wrong.result.state, wrong.said) == (State.FAILED, [("ERROR", "Labels are written as `key:value`: team")])


@pytest.mark.parametrize(
    ("name", "properties", "namespaces"),
    [
        ("NamespacesWithFlows", {}, ["company.data", "company.team", "company.team.sub"]),
        ("NamespacesWithFlows", {"prefix": "company.t"}, ["company.team", "company.team.sub"]),
        ("List", {}, ["company", "company.data", "company.team", "company.team.sub"]),
        ("List", {"existingOnly": True}, ["company.data", "company.team", "company.team.sub"]),
        ("List", {"prefix": "team"}, ["company.team", "company.team.sub"]),
        ("List", {"page": 2, "size": 3}, ["company.team.sub"]),
        ("List", {"page": 9}, []),
    ],
)
def test_namespaces_are_listed(
    around: Opened, files: LocalFiles, name: str, properties: dict[str, object], namespaces: list[str]
) -> None:
    assert run(around, f"namespaces.{name}", files, **properties).result.outputs == {"namespaces": namespaces}
