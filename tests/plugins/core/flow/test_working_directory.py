"""`io.kestra.plugin.core.flow.WorkingDirectory`: what is brought into its folder, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

import attempts
from kapell.adapters.files.local import LocalFiles
from kapell.clock import Clock, ManualClock
from kapell.expr import Env
from kapell.model.flow import Task
from kapell.model.messages import RunTask, Work
from kapell.services.attempt import Result, run_attempt
from kapell.services.context import TaskContext

TYPE = "io.kestra.plugin.core.flow.WorkingDirectory"
SEEN = {"inputs": {"name": "Ada"}, "taskrun": {"value": "a"}}


class World:
    """Internal storage, the time, and working folders by name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files = LocalFiles(root / "storage")
        self.clock: Clock = ManualClock()

    def do(self, work: Work, folder: str, seen: Mapping[str, object] = SEEN, **properties: object) -> Result:
        task = Task(id="folder", type=TYPE, properties=attempts.named(TYPE, {"tasks": (), **properties}))
        ctx = TaskContext(
            RunTask(job=replace(attempts.job(task.id), work=work, folder="r"), variables=seen),
            task,
            env=Env(now=self.clock.now),
            files=self.files,
            clock=self.clock,
            on_log=lambda _line: None,
            on_metric=lambda _metric: None,
            shared=self.root / folder,
        )
        return run_attempt(task, ctx)

    def write(self, folder: str, **files: str) -> None:
        for name, text in files.items():
            path = self.root / folder / name.replace("_", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def read(self, folder: str) -> dict[str, str]:
        root = self.root / folder
        return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_files_are_brought_from_texts_namespaces_and_the_cache_the_later_over_the_earlier(tmp_path: Path) -> None:
    world = World(tmp_path)
    cache = {"patterns": ["*"]}
    world.write("old", a="cached", b="cached", c="cached")
    world.do("keep", "old", cache=cache)
    for name in "bc":
        world.write("given", **{name: "namespace"})
        with (tmp_path / "given" / name).open("rb") as content:
            world.files.put(f"/company/team/_files/{name}", content)
    result = world.do(
        "fill", "new", cache=cache, namespaceFiles={"enabled": True}, inputFiles={"c": "Hello {{ inputs.name }}"}
    )
    assert result.state == "SUCCESS"
    assert world.read("new") == {"a": "cached", "b": "namespace", "c": "Hello Ada"}


def test_the_files_asked_for_are_kept_with_their_addresses(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("folder", out_a="A", out_b="B", rest="C")
    outputs = world.do("keep", "folder", outputFiles=["out/*"]).outputs
    assert outputs is not None
    stored = outputs["outputFiles"]
    assert isinstance(stored, dict)
    for address in stored.values():
        with world.files.open(address) as content:
            assert content.read() == address[-1].upper().encode()
    assert list(stored) == ["out/a", "out/b"]


def test_where_nothing_is_asked_for_there_are_no_outputs(tmp_path: Path) -> None:
    assert World(tmp_path).do("keep", "folder", cache={"patterns": ["*"]}).outputs is None


def test_a_path_that_leaves_the_folder_fails_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.do("fill", "folder", inputFiles={"../a": "a"}).state == "FAILED"
    assert world.do("keep", "folder", outputFiles=["../*"]).state == "FAILED"


def test_a_cache_is_no_longer_good_after_its_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    cache = {"patterns": ["**"], "ttl": "PT1H"}
    world.write("one", lib_it="it")
    world.do("keep", "one", cache=cache)
    world.clock.advance(timedelta(minutes=59))
    world.do("fill", "two", cache=cache)
    world.do("keep", "two", cache=cache)
    assert world.read("two") == {"lib/it": "it"}
    # What was as it is did not become younger by being kept again.
    world.clock.advance(timedelta(minutes=2))
    world.do("fill", "three", cache=cache)
    assert world.read("three") == {}


def test_what_has_changed_is_cached_anew(tmp_path: Path) -> None:
    world = World(tmp_path)
    cache = {"patterns": ["**"], "ttl": "PT1H"}
    world.write("one", it="old")
    world.do("keep", "one", cache=cache)
    world.write("two", it="new")
    world.do("keep", "two", cache=cache)
    world.do("fill", "three", cache=cache)
    assert world.read("three") == {"it": "new"}


def test_each_value_of_a_loop_has_its_own_cache(tmp_path: Path) -> None:
    world = World(tmp_path)
    cache = {"patterns": ["**"]}
    world.write("one", it="of a")
    world.do("keep", "one", cache=cache)
    world.do("fill", "two", {"taskrun": {"value": "b"}}, cache=cache)
    assert world.read("two") == {}


def test_a_cached_program_can_still_be_run(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.write("one", bin_it="#!/bin/sh")
    (tmp_path / "one/bin/it").chmod(0o755)
    world.do("keep", "one", cache={"patterns": ["**"]})
    world.do("fill", "two", cache={"patterns": ["**"]})
    assert (tmp_path / "two/bin/it").stat().st_mode & 0o777 == 0o755
