from __future__ import annotations

from datetime import timedelta

import pytest

from attempts import Ran, attempt, named
from kapell.model.state import State
from kapell.ports.kv import KvType
from store_doors import Opened

TYPE = "io.kestra.plugin.core.kv."
FLOW = {"flow": {"namespace": "company.team"}}


def run(around: Opened, name: str, variables: dict[str, object] | None = None, **properties: object) -> Ran:
    return attempt(
        f"{TYPE}{name}",
        named(f"{TYPE}{name}", properties),
        doors=around.doors,
        clock=around.clock,
        variables=FLOW | (variables or {}),
    )


def value(around: Opened, key: str = "k", **properties: object) -> object:
    ran = run(around, "Get", key=key, **properties)
    assert ran.result.state is State.SUCCESS, ran.said
    return (ran.result.outputs or {}).get("value")


@pytest.mark.parametrize(
    ("type", "given", "shown"),
    [
        ("NUMBER", "5", 5),
        ("NUMBER", "-1.5", -1.5),
        ("BOOLEAN", "TRUE", True),
        ("BOOLEAN", "yes", False),
        ("JSON", '{"a": [1, 2]}', {"a": [1, 2]}),
        ("DATE", "2024-03-15", "2024-03-15"),
        ("DATETIME", "2024-03-15T12:20:30+02:00", "2024-03-15T10:20:30.000000Z"),
        ("DURATION", "pt60m", 3600.0),
        ("STRING", "5", "5"),
        ("STRING", "{{ [1, 'a'] }}", '[1,"a"]'),
    ],
)
def test_a_value_is_stored_as_the_type_says(around: Opened, type: str, given: str, shown: object) -> None:
    assert run(around, "Set", key="k", value=given, kvType=type, kvDescription="d").result.state is State.SUCCESS
    entry = around.doors.kv.get("company.team", "k")
    assert entry is not None
    assert (entry.type, entry.description) == (KvType(type), "d")
    assert value(around) == shown


@pytest.mark.parametrize(
    ("type", "given"),
    [
        ("NUMBER", "abc"),
        ("NUMBER", "true"),
        ("DATE", "2024-13-01"),
        ("DATETIME", "2024-03-15T10:20:30"),
        ("DURATION", "1s"),
        ("JSON", "{"),
        ("NUMBER", "{{ [1] }}"),
    ],
)
def test_a_value_that_is_not_of_the_type_fails(around: Opened, type: str, given: str) -> None:
    ran = run(around, "Set", key="k", value=given, kvType=type)
    assert ran.result.state is State.FAILED
    assert f"is not a {type} value" in ran.said[0][1]


@pytest.mark.parametrize(
    ("given", "shown"),
    [("{{ {'a': [1]} }}", {"a": [1]}), ("{{ 1 + 1 }}", 2), ("{{ true }}", True), (8, "8"), ([1, 2], "[1,2]")],
)
def test_without_a_type_an_expression_keeps_its_own_and_what_is_written_is_text(
    around: Opened, given: object, shown: object
) -> None:
    run(around, "Set", key="k", value=given)
    assert value(around) == shown


def test_a_value_may_not_be_nothing(around: Opened) -> None:
    assert run(around, "Set", key="k", value="{{ null }}").said == [("ERROR", "value: must not be null")]


def test_a_key_that_is_none_is_refused(around: Opened) -> None:
    ran = run(around, "Set", key="bad key!", value="1")
    assert ran.said[0][1].startswith("Key must start with an alphanumeric character")


def test_a_key_that_is_there_is_kept_when_it_is_not_to_be_overwritten(around: Opened) -> None:
    run(around, "Set", key="k", value="old")
    ran = run(around, "Set", key="k", value="new", overwrite=False)
    assert ran.said == [
        ("ERROR", "Cannot set value for key 'k'. Key already exists and `overwrite` is set to `false`.")
    ]
    assert value(around) == "old"


def test_an_expired_value_can_not_be_read(around: Opened) -> None:
    run(around, "Set", key="k", value="v", ttl="PT1H")
    assert value(around) == "v"
    around.clock.advance(timedelta(hours=1))
    assert run(around, "Get", key="k").said == [("ERROR", "The requested value has expired")]
    assert run(around, "GetKeys").result.outputs == {"keys": []}


def test_a_key_is_looked_up_in_the_namespaces_above(around: Opened) -> None:
    run(around, "Set", key="k", value="above", namespace="company")
    assert value(around) == "above"
    run(around, "Set", key="k", value="own")
    assert value(around) == "own"
    assert value(around, namespace="company") == "above"


def test_a_missing_key_is_nothing_or_fails(around: Opened) -> None:
    assert value(around, "none") is None
    assert run(around, "Get", key="none", errorOnMissing=True).said == [
        ("ERROR", "No value found for key 'none' in namespace 'company.team' and `errorOnMissing` is set to true")
    ]


@pytest.mark.parametrize(
    ("name", "properties"),
    [("Get", {"key": "k"}), ("Set", {"key": "k", "value": "v"}), ("Delete", {"key": "k"}), ("GetKeys", {})],
)
def test_a_namespace_that_does_not_exist_has_no_store(around: Opened, name: str, properties: dict[str, object]) -> None:
    ran = run(around, name, namespace="no.such", **properties)
    assert ran.said == [("ERROR", "Cannot access the KV store. The namespace 'no.such' does not exist.")]


def test_keys_are_listed_by_their_beginning(around: Opened) -> None:
    for key in ("b", "a2", "a1"):
        run(around, "Set", key=key, value="v")
    assert run(around, "GetKeys", prefix="a").result.outputs == {"keys": ["a1", "a2"]}
    assert run(around, "GetKeys").result.outputs == {"keys": ["a1", "a2", "b"]}


def test_a_deleted_key_is_gone_and_one_that_is_missing_may_fail(around: Opened) -> None:
    run(around, "Set", key="k", value="v")
    assert run(around, "Delete", key="k").result.outputs == {"deleted": True}
    assert run(around, "Delete", key="k").result.outputs == {"deleted": False}
    assert run(around, "Delete", key="k", errorOnMissing=True).result.state is State.FAILED


def test_put_merges_maps_and_replaces_all_else(around: Opened) -> None:
    run(around, "Set", key="k", value="{{ {'a': {'x': 1, 'y': 2}, 'b': 3} }}", kvDescription="d", ttl="PT1H")
    run(around, "Put", key="k", value={"a": {"y": "{{ 'new' }}"}})
    assert value(around) == {"a": {"x": 1, "y": "new"}, "b": 3}
    entry = around.doors.kv.get("company.team", "k")
    assert entry is not None
    assert (entry.description, entry.expires, entry.revision) == ("d", around.clock.now() + timedelta(hours=1), 2)
    run(around, "Put", key="k", value="{{ [1] }}")
    assert value(around) == [1]


def test_put_changes_single_fields(around: Opened) -> None:
    run(around, "Put", key="k", value=[{"key": "a.b", "value": 1}, {"key": "a.c", "value": [2]}])
    run(around, "Put", key="k", value=[{"key": "a.b", "value": 3}])
    assert value(around) == {"a": {"b": 3, "c": [2]}}
    run(around, "Put", key="k", value=[{"value": "whole"}])
    assert value(around) == "whole"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([{"key": "a", "value": 1}], "Cannot apply keyed `value` updates to a non-JSON existing KV value."),
        (
            [{"value": 1}, {"key": "a", "value": 1}],
            "`value` entries without `key` can only be used as a single replacement item.",
        ),
        ([{"key": " ", "value": 1}], "Each keyed `value` entry must have a non-empty string `key`."),
    ],
)
def test_put_refuses_what_it_can_not_change(around: Opened, given: object, sentence: str) -> None:
    run(around, "Set", key="k", value="text")
    assert run(around, "Put", key="k", value=given).said == [("ERROR", sentence)]
    assert run(around, "Put", key="none", value="v", errorOnMissing=True).result.state is State.FAILED


def test_purging_removes_expired_keys_only_unless_told_otherwise(around: Opened) -> None:
    run(around, "Set", key="short", value="v", ttl="PT1H")
    run(around, "Set", key="long", value="v")
    around.clock.advance(timedelta(hours=2))
    assert run(around, "PurgeKV").result.outputs == {"size": 1}
    assert around.doors.kv.keys("company.team") == ["long"]
    assert run(around, "PurgeKV", behavior={"type": "key", "expiredOnly": False}).result.outputs == {"size": 1}
    assert around.doors.kv.revisions("company.team") == []


def test_purging_revisions_keeps_the_newest_ones(around: Opened) -> None:
    for number in range(4):
        run(around, "Set", key="k", value=str(number))
        around.clock.advance(timedelta(days=1))
    second = (around.clock.now() - timedelta(days=3)).isoformat()
    assert run(around, "PurgeKV", behavior={"type": "version", "before": second}).result.outputs == {"size": 1}
    assert run(around, "PurgeKV", behavior={"type": "version", "keepAmount": 2}).result.outputs == {"size": 1}
    assert [entry.revision for entry in around.doors.kv.revisions("company.team")] == [4, 3]


def test_purging_is_narrowed_by_namespace_and_key(around: Opened) -> None:
    for namespace in ("company", "company.team"):
        for key in ("ai_1", "x"):
            run(around, "Set", key=key, value="v", namespace=namespace)
    everything = {"behavior": {"expiredOnly": False}, "keyPattern": "ai_*"}
    narrowed = run(around, "PurgeKV", namespaces=["company"], includeChildNamespaces=False, **everything)
    assert narrowed.said[0] == ("INFO", "purging 1 namespaces: ['company']")
    assert narrowed.result.outputs == {"size": 1}
    assert run(around, "PurgeKV", namespacePattern="other.*", **everything).result.outputs == {"size": 0}
    assert run(around, "PurgeKV", namespaces=["company"], **everything).result.outputs == {"size": 1}
    both = run(around, "PurgeKV", namespaces=["a"], namespacePattern="b")
    assert both.result.state is State.FAILED
