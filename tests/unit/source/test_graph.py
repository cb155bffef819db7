"""The graph of a flow: as the recorded server has it, and drawn."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from kapell.model.problem import InvalidFlow
from kapell.source import flow_graph
from kapell.source.drawing import mermaid, tree
from unit.source.sources import flow

SHARED = Path(os.environ.get("KAPELL_SHARED") or Path(__file__).parents[3].parent / "shared")
RECORDED = SHARED / "conformance/api/flows-graph.json"
LOG = "type: io.kestra.plugin.core.log.Log, message: m"
SOURCE = f"""\
id: x
namespace: a.b
triggers: [{{id: nightly, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 * * *"}}]
tasks:
  - {{id: first, {LOG}}}
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {{id: left, {LOG}}}
      - id: choice
        type: io.kestra.plugin.core.flow.Switch
        value: "{{{{ vars.a }}}}"
        cases: {{"say \\"a\\"": [{{id: a, {LOG}}}]}}
        errors: [{{id: sorry, {LOG}}}]
  - id: dag
    type: io.kestra.plugin.core.flow.Dag
    tasks:
      - task: {{id: early, {LOG}}}
      - {{task: {{id: late, {LOG}}}, dependsOn: [early]}}
errors: [{{id: alert, {LOG}}}]
finally: [{{id: tidy, {LOG}}}]
afterExecution: [{{id: tell, {LOG}}}]
"""
TREE = """\
on nightly (Schedule)
first (Log)
both (Parallel)
  left (Log)
  choice (Switch)
    a (Log)  [say "a"]
    error: sorry (Log)
dag (Dag)
  early (Log)
  late (Log)  after early
error: alert (Log)
finally:
tidy (Log)
after execution:
tell (Log)
"""


def recorded() -> list[tuple[str, dict]]:
    """Sources with the graphs that were recorded of them."""
    if not RECORDED.exists():
        return []
    sources: dict[str, str] = {}
    found = []
    for step in json.loads(RECORDED.read_text(encoding="utf-8"))["steps"]:
        path, body = step["request"]["path"], step["request"].get("body")
        if path == "/api/v1/flows":
            sources[body.split("\n")[0].removeprefix("id: ")] = body
        elif step["response"]["status"] == 200:
            found.append((body or sources[path.split("/")[-2]], step["response"]["json"]))
    return found


def test_graphs_are_as_they_were_recorded() -> None:
    if not RECORDED.exists():
        pytest.skip(f"{RECORDED} is missing: set KAPELL_SHARED")
    assert len(recorded()) == 4
    for source, expected in recorded():
        graph = flow_graph(source).to_dict()
        for part in ("nodes", "edges", "clusters"):
            assert plain(graph[part]) == plain(expected[part])


def plain(items: object) -> list[str]:
    """In an order of their own, ids that are made up all alike."""
    assert isinstance(items, list)
    texts = [re.sub(r"<id:\d+>|[0-9a-f]{22}", "*", json.dumps(item, sort_keys=True)) for item in items]
    return sorted(texts)


def test_a_graph_is_the_same_each_time() -> None:
    assert flow_graph(SOURCE).to_dict() == flow_graph(SOURCE).to_dict()


def test_every_edge_and_cluster_names_nodes_that_are_there() -> None:
    graph = flow_graph(SOURCE)
    known = {node.uid for node in graph.nodes}
    assert len(known) == len(graph.nodes)
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} <= known
    clusters = {cluster.uid for cluster in graph.clusters}
    assert {uid for cluster in graph.clusters for uid in cluster.nodes} <= known | clusters
    assert graph.flowables == ["both", "choice", "dag"]


def test_everything_can_be_reached_and_leads_to_an_end() -> None:
    graph = flow_graph(SOURCE)
    ends = {node.uid for node in graph.nodes if node.type.endswith("GraphClusterEnd")}
    assert {node.uid for node in graph.nodes} - {edge.source for edge in graph.edges} <= ends
    assert len({node.uid for node in graph.nodes} - {edge.source for edge in graph.edges}) == 1


def test_a_graph_is_drawn_as_a_tree() -> None:
    assert tree(flow_graph(SOURCE)) == TREE


def test_a_graph_is_drawn_for_mermaid() -> None:
    drawn = mermaid(flow_graph(SOURCE))
    assert drawn.startswith("flowchart TD\n")
    assert drawn.count("subgraph") == drawn.count("\n  end") + drawn.count("\n    end") == 4
    assert 'say #quot;a#quot;"|' in drawn
    assert "-.->|error|" in drawn


def test_a_flow_with_errors_has_no_graph() -> None:
    with pytest.raises(InvalidFlow):
        flow_graph(flow(tasks="{id: t}"))
