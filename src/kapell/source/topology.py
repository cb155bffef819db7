"""Flow → graph: what comes after what, and what lies inside what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from kapell.model.flow import Task
from kapell.model.problem import InvalidFlow
from kapell.source.check import examined
from kapell.source.graph import HIERARCHIES, Cluster, Edge, FlowGraph, Node, Relation, RelationType
from kapell.source.nodes import plain
from kapell.source.parse import Parsed

_CORE = "io.kestra.plugin.core.flow."
_KINDS: Mapping[str, RelationType] = {
    "Parallel": "PARALLEL",
    "If": "CHOICE",
    "Switch": "CHOICE",
    "Dag": "DYNAMIC",
    "EachParallel": "DYNAMIC",
    "EachSequential": "DYNAMIC",
    "ForEach": "DYNAMIC",
    "ForEachItem": "DYNAMIC",
    "Loop": "DYNAMIC",
}
_LAST = ("errors", "finally")


def flow_graph(source: str) -> FlowGraph:
    """The graph of the flow that `source` describes; raises `InvalidFlow` when there is any error."""
    parsed, findings = examined(source)
    if parsed is None or findings.failed:
        raise InvalidFlow(findings.in_order())
    return _Builder(parsed).flow()


class _Area(Struct, kw_only=True):
    """A cluster that is being filled, or the whole flow: new nodes go into it, and everything ends at `end`."""

    path: str
    start: str
    end: str
    first: str
    cluster: Cluster | None = None
    parents: tuple[str, ...] = ()
    error: bool = False


class _Builder:
    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.graph = FlowGraph(nodes=[], edges=[], clusters=[], flowables=[])
        self.written = {site.task.id: plain(site.node) for site in parsed.sites}

    def flow(self) -> FlowGraph:
        flow = self.parsed.flow
        area = self.area("root", None, (), error=False)
        self.triggers(area)
        ends = self.sequence(flow.tasks, area, [(area.start, Relation())], "SEQUENTIAL")
        ends += self.errors(flow.errors, area)
        ends = self.afterwards(flow.finally_, "Finally", area, ends)
        ends = self.afterwards(flow.after_execution, "AfterExecution", area, ends)
        self.join(ends, area.end)
        return self.graph

    def area(self, path: str, cluster: str | None, parents: tuple[str, ...], *, error: bool) -> _Area:
        """A beginning and an end, and a cluster around what will lie between them."""
        start, end = (f"{path}.{self.made_up(path, word)}" for word in ("start", "end"))
        made = _Area(path=path, start=start, end=end, first=start, parents=parents, error=error)
        if cluster is not None:
            made.cluster = Cluster(uid=cluster, start=start, end=end, parents=parents, nodes=[], error=error)
            made.parents = (*parents, cluster)
            self.graph.clusters.append(made.cluster)
        self.add(Node(uid=start, type=f"{HIERARCHIES}GraphClusterRoot", error=error), made)
        self.add(Node(uid=end, type=f"{HIERARCHIES}GraphClusterEnd", error=error), made)
        return made

    def made_up(self, path: str, word: str) -> str:
        """An id that no task has, the same for the same flow: a picture that is drawn anew does not move."""
        flow = self.parsed.flow
        return hashlib.sha256(f"{flow.namespace}/{flow.id}/{path}/{word}".encode()).hexdigest()[:22]

    def add(self, node: Node, area: _Area) -> None:
        self.graph.nodes.append(node)
        if area.cluster is not None:
            area.cluster.nodes.append(node.uid)

    def link(self, source: str, target: str, relation: Relation) -> None:
        self.graph.edges.append(Edge(source, target, relation))

    def join(self, ends: Sequence[tuple[str, Relation]], target: str) -> None:
        for source, _ in ends:
            self.link(source, target, Relation())

    def triggers(self, area: _Area) -> None:
        if not self.parsed.triggers:
            return
        inner = self.area("root.Triggers", "cluster_root.Triggers", (), error=False)
        for site in self.parsed.triggers:
            uid = f"root.Triggers.{site.trigger.id}"
            declared = plain(site.node)
            self.add(Node(uid=uid, type=f"{HIERARCHIES}GraphTrigger", trigger_declaration=declared), inner)
            self.link(inner.start, uid, Relation())
            self.link(uid, inner.end, Relation())
        self.link(inner.end, area.start, Relation())

    def sequence(
        self, tasks: Sequence[Task], area: _Area, before: list[tuple[str, Relation]], relation: RelationType
    ) -> list[tuple[str, Relation]]:
        """Tasks one after the other, behind `before`; where they end."""
        for task in tasks:
            start, end = self.task(task, area, relation)
            for source, how in before:
                self.link(source, start, how)
            before = [(end, Relation("SEQUENTIAL"))]
        return before

    def task(self, task: Task, area: _Area, relation: RelationType) -> tuple[str, str]:
        """One task with all that is inside it; where it begins and ends."""
        error = area.error or relation == "ERROR"
        kind = _kind(task)
        uid = f"{area.path}.{task.id}"
        node = Node(
            uid=uid,
            type=f"{HIERARCHIES}GraphTask",
            error=error,
            task=self.written.get(task.id),
            relation_type=kind or relation,
        )
        if not any(task.branches.values()):
            self.add(node, area)
            return uid, uid
        self.graph.flowables.append(task.id)
        cluster = f"cluster_{uid}"
        if area.cluster is not None:
            area.cluster.nodes.append(cluster)
        inner = self.area(uid, cluster, area.parents, error=error)
        assert inner.cluster is not None
        inner.cluster.task_node = node
        inner.first = uid
        self.add(node, inner)
        self.link(inner.start, uid, Relation())
        self.join(self.children(task, inner), inner.end)
        return inner.start, inner.end

    def children(self, task: Task, inner: _Area) -> list[tuple[str, Relation]]:
        """The tasks inside a task; where they end."""
        ends: list[tuple[str, Relation]] = []
        kind = _kind(task)
        needs = dict(_needs(task))
        for branch, tasks in task.branches.items():
            if branch in _LAST:
                continue
            if needs:
                ends += self.web(tasks, inner, needs)
            elif kind == "PARALLEL":
                ends += self.side_by_side(tasks, inner)
            else:
                case = branch.removeprefix("cases.") if kind == "CHOICE" else None
                start = Relation(kind or "SEQUENTIAL", case)
                ends += self.sequence(tasks, inner, [(inner.first, start)], "SEQUENTIAL")
        ends = ends or [(inner.first, Relation())]
        ends += self.errors(task.branches.get("errors", ()), inner)
        return self.afterwards(task.branches.get("finally", ()), "Finally", inner, ends)

    def side_by_side(self, tasks: Sequence[Task], inner: _Area) -> list[tuple[str, Relation]]:
        found = []
        for task in tasks:
            start, end = self.task(task, inner, "PARALLEL")
            self.link(inner.first, start, Relation("PARALLEL"))
            found.append((end, Relation()))
        return found

    def web(
        self, tasks: Sequence[Task], inner: _Area, needs: Mapping[str, Sequence[str]]
    ) -> list[tuple[str, Relation]]:
        """Tasks behind those that they depend on; the ends are those that nobody waits for."""
        places = {task.id: self.task(task, inner, "SEQUENTIAL") for task in tasks}
        for id, (start, _) in places.items():
            sources = [places[need][1] for need in needs.get(id, ()) if need in places] or [inner.first]
            for source in sources:
                self.link(source, start, Relation("PARALLEL"))
        needed = {need for wanted in needs.values() for need in wanted}
        return [(end, Relation()) for id, (_, end) in places.items() if id not in needed]

    def errors(self, tasks: Sequence[Task], area: _Area) -> list[tuple[str, Relation]]:
        """The tasks for the case of an error, from where the area begins."""
        if not tasks:
            return []
        return self.sequence(tasks, area, [(area.first, Relation("ERROR"))], "ERROR")

    def afterwards(
        self, tasks: Sequence[Task], name: str, area: _Area, ends: list[tuple[str, Relation]]
    ) -> list[tuple[str, Relation]]:
        """Tasks that follow whatever it has come to, behind a node of their own."""
        if not tasks:
            return ends
        gate = f"{area.path}.{self.made_up(area.path, name)}"
        self.add(Node(uid=gate, type=f"{HIERARCHIES}GraphCluster{name}", error=area.error), area)
        self.join(ends, gate)
        return self.sequence(tasks, area, [(gate, Relation("SEQUENTIAL"))], "SEQUENTIAL")


def _kind(task: Task) -> RelationType | None:
    return _KINDS.get(task.type.removeprefix(_CORE)) if task.type.startswith(_CORE) else None


def _needs(task: Task) -> Iterator[tuple[str, Sequence[str]]]:
    """What each task of a Dag depends on."""
    entries = task.properties.get("tasks")
    for entry in entries if isinstance(entries, list | tuple) else ():
        inner = entry.get("task") if isinstance(entry, Mapping) else None
        if isinstance(inner, Task):
            yield inner.id, [str(need) for need in entry.get("dependsOn") or ()]
