from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from factories import execution, line, task_run
from kapell.adapters.files.local import LocalFiles
from kapell.model.log import Level
from kapell.model.read import Read, ReadFailed
from kapell.ports.kv import KvEntry, KvType
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.services.reads import Outside
from store_doors import Opened, opened

NAMESPACE = "company.team"
RUN = task_run(execution())


class World(NamedTuple):
    around: Opened
    files: LocalFiles
    outside: Outside

    def ask(self, kind: str, name: str, scope: str = NAMESPACE, **options: str) -> object:
        return self.outside(Read(kind=kind, name=name, scope=scope, options=tuple(options.items())))

    def refusal(self, kind: str, name: str, scope: str = NAMESPACE) -> str:
        with pytest.raises(ReadFailed) as failed:
            self.ask(kind, name, scope)
        return str(failed.value)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    files = LocalFiles(tmp_path)
    with opened() as around:
        outside = Outside(
            secret={"KEY": "s3cr3t"}.get,
            files=files,
            executions=around.store.executions,
            kv=around.doors.kv,
            logs=around.doors.logs,
            loop=around.loop,
        )
        yield World(around, files, outside)


def test_a_key_is_read_with_its_type_from_its_namespace_or_one_above(world: World) -> None:
    entry = KvEntry(namespace="company", key="k", type=KvType.DURATION, value="PT1H")
    world.around.doors.kv.set(entry)
    assert world.ask("kv", "k") == "PT1H"
    assert world.ask("kv", "none") is None


def test_a_key_that_can_not_be_read_says_why(world: World) -> None:
    expires = world.around.clock.now() + timedelta(hours=1)
    world.around.doors.kv.set(KvEntry(namespace=NAMESPACE, key="k", type=KvType.STRING, value="v", expires=expires))
    world.around.clock.advance(timedelta(hours=1))
    assert world.refusal("kv", "k") == "The requested value has expired"
    nowhere = "Cannot access the KV store. The namespace 'no.such' does not exist."
    assert world.refusal("kv", "k", "no.such") == nowhere


def test_files_are_read_by_path_and_by_address(world: World) -> None:
    NamespaceFiles(world.files).put(NAMESPACE, "a.txt", io.BytesIO("hé".encode()))
    address = NamespaceFiles(world.files).address(NAMESPACE, "a.txt")
    for name in ("a.txt", "/a.txt", "nsfile:///a.txt", f"nsfile://{NAMESPACE}/a.txt", address):
        assert world.ask("file", name) == "hé"
        assert world.ask("file_size", name) == 3
        assert world.ask("file_exists", name) is True
    assert world.ask("file_exists", "none.txt") is False
    assert world.ask("file_exists", "a.txt", revision="1") == address


def test_a_file_that_can_not_be_read_says_why(world: World) -> None:
    assert world.refusal("file", "none.txt") == f"File '/none.txt' was not found in namespace '{NAMESPACE}'."
    assert world.refusal("file", "file:///etc/hostname").startswith("The path /etc/hostname is not authorized.")
    assert world.refusal("file_exists", "../x").startswith("File should be accessed with their full path")


def test_binary_ion_is_given_as_base64(world: World) -> None:
    NamespaceFiles(world.files).put(NAMESPACE, "a.ion", io.BytesIO(b"\xe0\x01\x00\xea\x21\x01"))
    assert world.ask("file", "a.ion") == "4AEA6iEB"


def test_the_errors_of_an_execution_are_told_with_their_tasks(world: World) -> None:
    lines = [line(RUN, "fine", number=1), line(RUN, "bad", number=2, level=Level.ERROR)]
    asyncio.run_coroutine_threadsafe(world.around.store.logs.append(lines), world.around.loop).result(5)
    [found] = world.ask("error_logs", RUN.execution_id)
    assert (found["message"], found["taskId"], found["attemptNumber"]) == ("bad", RUN.task_id, 0)


def test_a_secret_is_what_the_settings_say(world: World) -> None:
    assert [world.ask("secret", name) for name in ("KEY", "NONE")] == ["s3cr3t", None]
