"""The graph of a flow: its tasks and triggers, what comes after what, and what lies inside what.

Shaped as Kestra's FlowGraph: `to_dict` is what the API answers.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

RelationType = Literal["SEQUENTIAL", "CHOICE", "PARALLEL", "DYNAMIC", "ERROR", "FINALLY", "AFTER_EXECUTION"]
HIERARCHIES = "io.kestra.core.models.hierarchies."


class Relation(Struct, frozen=True, rename="camel", omit_defaults=True):
    """Why one node comes after another; `value` is the case of a choice."""

    relation_type: RelationType | None = None
    value: str | None = None


class Edge(Struct, frozen=True):
    """From one node to the next."""

    source: str
    target: str
    relation: Relation


class Node(Struct, frozen=True, rename="camel", kw_only=True):
    """A task, a trigger, or the beginning or end of a cluster; `task` is as it is written."""

    uid: str
    type: str
    error: bool = False
    task: object = None
    relation_type: RelationType | None = None
    trigger_declaration: object = None

    def to_dict(self) -> dict[str, object]:
        """Without what is not there."""
        pairs = {
            "uid": self.uid,
            "type": self.type,
            "error": self.error,
            "task": self.task,
            "relationType": self.relation_type,
            "triggerDeclaration": self.trigger_declaration,
        }
        return {key: value for key, value in pairs.items() if value is not None}


class Cluster(Struct, kw_only=True):
    """What belongs together: the children of a task, or the triggers; `parents` are the clusters around it."""

    uid: str
    start: str
    end: str
    parents: tuple[str, ...] = ()
    nodes: list[str] = []
    task_node: Node | None = None
    error: bool = False

    def to_dict(self) -> dict[str, object]:
        """As the API has it."""
        told: dict[str, object] = {"uid": self.uid, "type": f"{HIERARCHIES}GraphCluster", "error": self.error}
        if self.task_node is not None:
            told |= {"relationType": self.task_node.relation_type, "taskNode": self.task_node.to_dict()}
        return {
            "cluster": told,
            "nodes": self.nodes,
            "parents": list(self.parents),
            "start": self.start,
            "end": self.end,
        }


class FlowGraph(Struct, kw_only=True):
    """All of it; `flowables` are the ids of the tasks that have tasks inside."""

    nodes: list[Node] = []
    edges: list[Edge] = []
    clusters: list[Cluster] = []
    flowables: list[str] = []

    def to_dict(self) -> dict[str, object]:
        """As the API has it."""
        import msgspec

        return {
            "nodes": [node.to_dict() for node in self.nodes],
            "edges": msgspec.to_builtins(self.edges),
            "clusters": [cluster.to_dict() for cluster in self.clusters],
            "flowables": self.flowables,
        }
