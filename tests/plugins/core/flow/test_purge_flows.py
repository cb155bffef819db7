from __future__ import annotations

from datetime import timedelta

import pytest

from attempts import Ran, attempt, named
from factories import NOW, created, execution, step, stored_flow
from kapell.model.state import State
from lease import all_shards
from store_doors import Opened, opened

TYPE = "io.kestra.plugin.core.flow.PurgeFlows"
DAY = timedelta(days=1)
FLOWS = ("company.team/a", "company.team/b_old", "company.data/a", "companies/a")


def have(around: Opened, *, draft: bool = False) -> None:
    """Flows of four revisions, saved on four days; with `draft` the last one of each is one."""
    for place in FLOWS:
        namespace, _, id = place.partition("/")
        for day in range(4):
            given = {"namespace": namespace, "updated": NOW + day * DAY, "draft": draft and day == 3}
            around.do(around.store.flows.save(stored_flow(id, f"# {day}", **given)))


def run(around: Opened, **properties: object) -> Ran:
    return attempt(TYPE, named(TYPE, properties), doors=around.doors, clock=around.clock)


def revisions(around: Opened, place: str = FLOWS[0]) -> list[int]:
    return [flow.revision for flow in around.doors.flows.revisions(*place.split("/"))]


@pytest.mark.parametrize(
    ("properties", "left"),
    [
        ({}, [4]),
        ({"behavior": {"type": "version", "keepAmount": 3}}, [4, 3, 2]),
        ({"behavior": {"keepAmount": 9}}, [4, 3, 2, 1]),
        ({"behavior": {"before": (NOW + DAY).isoformat()}}, [4, 3]),
        ({"behavior": {"before": (NOW + 9 * DAY).isoformat()}}, [4]),
        ({"behavior": {"before": "{{ now() | dateAdd(-1, 'DAYS') }}"}}, [4, 3, 2, 1]),
        ({"behavior": {"type": "version"}}, [4]),
    ],
)
def test_the_newest_revision_stays_and_older_ones_go_as_asked(properties: dict[str, object], left: list[int]) -> None:
    with opened() as around:
        have(around)
        ran = run(around, **properties)
        assert ran.result.outputs == {"size": (4 - len(left)) * len(FLOWS)}
        assert revisions(around) == left


@pytest.mark.parametrize(
    ("properties", "places"),
    [
        ({"namespaces": ["company"]}, FLOWS[:3]),
        ({"namespaces": ["company.team"], "includeChildNamespaces": False}, FLOWS[:2]),
        ({"namespaces": ["company"], "includeChildNamespaces": False}, ()),
        ({"namespacePattern": "comp*s"}, FLOWS[3:]),
        ({"flowPattern": "*_old"}, FLOWS[1:2]),
        ({"flowPattern": "a", "namespacePattern": "company.*"}, (FLOWS[0], FLOWS[2])),
    ],
)
def test_flows_are_chosen_by_namespace_and_pattern(properties: dict[str, object], places: tuple[str, ...]) -> None:
    with opened() as around:
        have(around)
        run(around, **properties)
        assert tuple(place for place in FLOWS if len(revisions(around, place)) == 1) == places


def test_revisions_that_are_needed_stay() -> None:
    with opened() as around:
        have(around, draft=True)
        where = {"namespace": "company.team", "flow_id": "a"}
        for one in (execution(State.RUNNING, revision=2, **where), execution(State.SUCCESS, revision=1, **where)):
            new = created(one)
            around.do(around.store.executions.create([new]))
            lease = around.do(all_shards(around.store))
            around.do(around.store.executions.apply([step(one, new.event)], lease))
        run(around, namespaces=["company.team"])
        # The draft is the newest, what runs anew is of the third, and one that has not ended of the second.
        assert revisions(around) == [4, 3, 2]


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        (
            {"behavior": {"before": NOW.isoformat(), "keepAmount": 1}},
            "Cannot set both 'before' and 'keepAmount' properties",
        ),
        (
            {"namespaces": ["a"], "namespacePattern": "b"},
            "Properties `namespaces` and `namespacePattern` can't be used at the same time — use one or the other.",
        ),
    ],
)
def test_what_excludes_each_other_is_told(properties: dict[str, object], told: str) -> None:
    with opened() as around:
        have(around)
        ran = run(around, **properties)
        assert ran.said == [("ERROR", told)]
        assert revisions(around) == [4, 3, 2, 1]
