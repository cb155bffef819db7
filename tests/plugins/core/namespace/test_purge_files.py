from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from attempts import Ran, attempt, named
from kapell.adapters.files.local import LocalFiles
from kapell.sdk.namespace_files import NamespaceFiles
from store_doors import Opened, opened

TYPE = "io.kestra.plugin.core.namespace.PurgeFiles"
NAMESPACE = "company.team"
DAYS = [datetime(2025, 1, day, tzinfo=UTC) for day in (1, 2, 3)]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def around() -> Iterator[Opened]:
    with opened() as found:
        yield found


def put(files: LocalFiles, path: str, namespace: str = NAMESPACE) -> None:
    """Three revisions of a file, stored on three days."""
    stored = NamespaceFiles(files)
    for day in DAYS:
        stored.put(namespace, path, io.BytesIO(str(day.day).encode()))
        with files.open(stored.address(namespace, path)) as content:
            os.utime(content.name, (day.timestamp(), day.timestamp()))


def run(around: Opened, files: LocalFiles, **properties: object) -> Ran:
    return attempt(TYPE, named(TYPE, properties), doors=around.doors, files=files, clock=around.clock)


def left(files: LocalFiles, path: str = "/a.sql", namespace: str = NAMESPACE) -> list[int]:
    return [one.number for one in NamespaceFiles(files).revisions(namespace) if one.path == path]


@pytest.mark.parametrize(
    ("properties", "numbers"),
    [
        ({}, [3]),
        ({"behavior": {"type": "version", "keepAmount": 2}}, [3, 2]),
        ({"behavior": {"before": DAYS[0].isoformat()}}, [3, 2]),
        ({"behavior": {"before": "2030-01-01T00:00:00Z"}}, [3]),
        ({"behavior": {"type": "version"}}, []),
        ({"behavior": {"keepAmount": 0}}, []),
        ({"filePattern": "*.sql"}, [3]),
        ({"filePattern": "a.*"}, [3]),
        ({"filePattern": "/a.sql"}, [3]),
        ({"filePattern": "**/*.csv"}, [3, 2, 1]),
        ({"namespaces": ["company"]}, [3]),
        ({"namespaces": ["company"], "includeChildNamespaces": False}, [3, 2, 1]),
        ({"namespacePattern": "other*"}, [3, 2, 1]),
    ],
)
def test_old_revisions_go_as_asked(
    around: Opened, files: LocalFiles, properties: dict[str, object], numbers: list[int]
) -> None:
    put(files, "a.sql")
    ran = run(around, files, **properties)
    assert ran.result.outputs == {"size": 3 - len(numbers)}
    assert left(files) == numbers


def test_revisions_of_deleted_files_count_too(around: Opened, files: LocalFiles) -> None:
    put(files, "a.sql")
    NamespaceFiles(files).delete(NAMESPACE, "a.sql")
    assert run(around, files, behavior={"keepAmount": 1}).result.outputs == {"size": 2}
    assert left(files) == [3]


def test_a_namespace_that_is_named_needs_no_flow(around: Opened, files: LocalFiles) -> None:
    put(files, "a.sql", "elsewhere")
    assert run(around, files).result.outputs == {"size": 0}
    assert run(around, files, namespaces=["elsewhere"]).result.outputs == {"size": 2}
    assert left(files, namespace="elsewhere") == [3]


def test_a_revision_that_stays_can_be_read_as_before(around: Opened, files: LocalFiles) -> None:
    put(files, "a.sql")
    run(around, files, behavior={"keepAmount": 2})
    with files.open(NamespaceFiles(files).address(NAMESPACE, "a.sql", 2)) as content:
        assert content.read() == b"2"


def test_both_ways_to_choose_are_refused(around: Opened, files: LocalFiles) -> None:
    put(files, "a.sql")
    ran = run(around, files, behavior={"before": DAYS[0].isoformat(), "keepAmount": 1})
    assert ran.said == [("ERROR", "Cannot set both 'before' and 'keepAmount' properties")]
    assert left(files) == [3, 2, 1]
