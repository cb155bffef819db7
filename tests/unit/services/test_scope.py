"""Which files an execution may use, and which it may not."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from msgspec.structs import replace

import factories
from attempts import attempt
from kapell.adapters.files.local import LocalFiles
from kapell.errors import Refused
from kapell.model.address import address_of, execution_folder
from kapell.model.execution import CORRELATION, Execution, ExecutionTrigger
from kapell.model.read import NeedsRead, Read, ReadFailed, from_answers
from kapell.model.state import State
from kapell.services.scope import FLOW_TRIGGER, Scope, ScopedFiles, guarded

ME = replace(factories.execution(), id="me", root_id="me", original_id="me", labels={CORRELATION: "me"})
OTHER = replace(
    ME, id="other", root_id="other", original_id="other", flow_id="secret-flow", labels={CORRELATION: "other"}
)
WEBHOOK = "io.kestra.plugin.core.trigger.Webhook"


def folder(one: Execution) -> str:
    return execution_folder(one.namespace, one.flow_id, one.id)


def file_of(one: Execution) -> str:
    return address_of(f"{folder(one)}/tasks/t/run/a b.txt")


def scope(*rows: Execution) -> Scope:
    me = next((row for row in rows if row.id == ME.id), ME)
    return Scope(me.namespace, me.flow_id, me.id, {row.id: row for row in (me, *rows)}.get)


def may(address: str, *rows: Execution) -> bool:
    try:
        scope(*rows).check(address)
    except Refused:
        return False
    return True


def test_an_execution_reads_its_own_files() -> None:
    assert may(file_of(ME))


def test_it_does_not_read_those_of_another_one() -> None:
    with pytest.raises(Refused) as refused:
        scope(OTHER).check(file_of(OTHER))
    assert str(refused.value) == f"Unable to read the file '{file_of(OTHER)}' as it is not an execution file"


def test_it_reads_what_its_family_has_made() -> None:
    assert may(file_of(OTHER), replace(OTHER, labels={CORRELATION: "me"}))
    assert may(file_of(OTHER), replace(OTHER, root_id="me", labels={}))
    assert may(file_of(OTHER), OTHER, replace(ME, original_id="other"))
    assert may(file_of(OTHER), replace(OTHER, parent_id="me"))


def test_it_reads_what_was_passed_to_it_from_its_namespace() -> None:
    assert may(file_of(OTHER), OTHER, replace(ME, inputs={"files": [{"a": file_of(OTHER)}]}))
    foreign = replace(OTHER, namespace="finance")
    assert not may(file_of(foreign), foreign, replace(ME, inputs={"file": file_of(foreign)}))


@pytest.mark.parametrize(("type", "allowed"), [(FLOW_TRIGGER, True), (WEBHOOK, False)])
def test_of_triggers_only_flows_pass_files_of_other_namespaces(type: str, allowed: bool) -> None:
    foreign = replace(OTHER, namespace="finance")
    trigger = ExecutionTrigger(id="t", type=type, variables={"outputs": {"f": file_of(foreign)}})
    assert may(file_of(foreign), foreign, replace(ME, trigger=trigger)) is allowed


def test_namespace_files_and_what_else_the_namespace_has_are_shared() -> None:
    assert may("kestra:///finance/_files/a.sql")
    assert may("kestra:///company/team/states/hello/state.ion")
    assert not may("kestra:///finance/states/hello/state.ion")


def test_words_in_names_open_no_door() -> None:
    assert not may(address_of(f"{folder(OTHER)}/tasks/t/run/_files/a.txt"), OTHER)
    assert not may(address_of(f"{folder(OTHER)}/tasks/t/run/_files/a.txt"))
    assert not may(address_of(f"{folder(ME)}/../other/tasks/a.txt"), OTHER)
    assert not may(f"kestra://{folder(ME)}/%2e%2e/other/a.txt")
    assert not may("/etc/passwd")
    assert not may("kestra:///")


def test_a_namespace_may_be_called_as_folders_are() -> None:
    odd = replace(OTHER, namespace="executions.me")
    assert may("kestra:///executions/me/_files/a.sql", replace(ME, namespace="executions.me"))
    assert not may(file_of(odd), odd)


def test_storage_lists_and_writes_only_what_is_in_scope(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    for one in (ME, OTHER):
        files.put(f"{folder(one)}/a.txt", io.BytesIO(b"x"))
    scoped = ScopedFiles(files, scope(OTHER))
    assert list(scoped.walk("/")) == [address_of(f"{folder(ME)}/a.txt")]
    with pytest.raises(Refused):
        scoped.put(f"{folder(OTHER)}/a.txt", io.BytesIO())
    assert scoped.modified(address_of(f"{folder(ME)}/a.txt")) is not None
    with pytest.raises(Refused):
        scoped.modified(address_of(f"{folder(OTHER)}/a.txt"))
    with pytest.raises(Refused):
        scoped.delete([address_of(f"{folder(OTHER)}/a.txt")])
    assert files.exists(address_of(f"{folder(OTHER)}/a.txt"))


def test_expressions_go_through_the_same_door() -> None:
    read = guarded(lambda _read: "content", scope(OTHER))
    assert read(Read(kind="file", name=file_of(ME))) == "content"
    assert read(Read(kind="secret", name=file_of(OTHER))) == "content"
    with pytest.raises(ReadFailed, match="as it is not an execution file"):
        read(Read(kind="file_size", name=file_of(OTHER)))


def test_who_must_not_wait_leaves_the_question_to_a_worker() -> None:
    read = guarded(from_answers({}), Scope(ME.namespace, ME.flow_id, ME.id))
    with pytest.raises(NeedsRead):
        read(Read(kind="file", name=file_of(OTHER)))


def test_a_task_of_another_execution_s_file_fails(tmp_path: Path) -> None:
    ran = attempt("io.kestra.plugin.core.storage.Size", {"uri": file_of(OTHER)}, files=LocalFiles(tmp_path))
    assert ran.result.state is State.FAILED
    assert ran.result.error == f"Unable to read the file '{file_of(OTHER)}' as it is not an execution file"
