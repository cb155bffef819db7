"""Pictures of a flow's graph: a tree of text for terminals, and Mermaid for documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kapell.source.graph import HIERARCHIES, Cluster, FlowGraph, Node
from kapell.source.page import cell

_ARROWS = {"ERROR": "-.->|error|"}
_GATES = {f"{HIERARCHIES}GraphClusterFinally": "finally", f"{HIERARCHIES}GraphClusterAfterExecution": "after execution"}


def tree(graph: FlowGraph) -> str:
    """Tasks below one another, those inside a task further to the right; triggers come first."""
    clusters = {cluster.task_node.uid: cluster for cluster in graph.clusters if cluster.task_node is not None}
    inside = {uid for cluster in clusters.values() for uid in cluster.nodes if uid not in clusters}
    nested = {uid for uid, cluster in clusters.items() if cluster.parents}
    shown = [node for node in graph.nodes if _is_shown(node) and node.uid not in inside | nested]
    return "\n".join(line for node in shown for line in _lines(node, graph, clusters, 0)) + "\n"


def _is_shown(node: Node) -> bool:
    return node.task is not None or node.trigger_declaration is not None or node.type in _GATES


def _lines(node: Node, graph: FlowGraph, clusters: Mapping[str, Cluster], depth: int) -> Iterator[str]:
    yield "  " * depth + _label(node) + _cases(node, graph)
    cluster = clusters.get(node.uid)
    if cluster is None:
        return
    nodes = {one.uid: one for one in graph.nodes}
    for uid in cluster.nodes:
        inner = nodes.get(uid.removeprefix("cluster_"))
        if inner is not None and inner.uid != node.uid and _is_shown(inner):
            yield from _lines(inner, graph, clusters, depth + 1)


def _label(node: Node) -> str:
    if node.type in _GATES:
        return f"{_GATES[node.type]}:"
    told = node.task if node.task is not None else node.trigger_declaration
    id, type_name = _named(told)
    mark = "on " if node.trigger_declaration is not None else "error: " if node.error else ""
    return f"{mark}{id} ({type_name.rpartition('.')[2]})"


def _cases(node: Node, graph: FlowGraph) -> str:
    """What leads to a node: the case of a choice, and in a Dag what it waits for."""
    cluster = next((one for one in graph.clusters if one.task_node is not None and one.task_node.uid == node.uid), None)
    begin = cluster.start if cluster is not None else node.uid
    words = []
    for edge in graph.edges:
        if edge.target == begin and edge.relation.value is not None:
            words.append(f"[{edge.relation.value}]")
        elif edge.target == begin and edge.relation.relation_type == "PARALLEL" and _is_waiting(edge.source, node):
            words.append(f"after {_last(edge.source)}")
    return f"  {', '.join(words)}" if words else ""


def _is_waiting(source: str, node: Node) -> bool:
    """Whether an edge comes from a neighbour, and not from the task around both."""
    return source != node.uid.rpartition(".")[0]


def _last(uid: str) -> str:
    return uid.rpartition(".")[2]


def _named(told: object) -> tuple[str, str]:
    if not isinstance(told, dict):
        return "", ""
    return str(told.get("id", "")), str(told.get("type", ""))


def mermaid(graph: FlowGraph) -> str:
    """The graph as Mermaid's flowchart."""
    names = {node.uid: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    inside = {uid for cluster in graph.clusters for uid in cluster.nodes}
    lines += [f"  {_shape(node, names)}" for node in graph.nodes if node.uid not in inside]
    for cluster in graph.clusters:
        if not cluster.parents:
            lines += _subgraph(cluster, graph, names, "  ")
    for edge in graph.edges:
        arrow = _ARROWS.get(edge.relation.relation_type or "", "-->")
        if edge.relation.value is not None:
            arrow = f'-->|"{_quoted(edge.relation.value)}"|'
        lines.append(f"  {names[edge.source]} {arrow} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def _subgraph(cluster: Cluster, graph: FlowGraph, names: Mapping[str, str], indent: str) -> Iterator[str]:
    nodes = {node.uid: node for node in graph.nodes}
    clusters = {one.uid: one for one in graph.clusters}
    title = _quoted(_label(cluster.task_node)) if cluster.task_node is not None else "Triggers"
    yield f'{indent}subgraph c{names[cluster.start]}["{title}"]'
    for uid in cluster.nodes:
        if uid in clusters:
            yield from _subgraph(clusters[uid], graph, names, indent + "  ")
        else:
            yield f"{indent}  {_shape(nodes[uid], names)}"
    yield f"{indent}end"


def _shape(node: Node, names: Mapping[str, str]) -> str:
    name = names[node.uid]
    if not _is_shown(node) or node.type in _GATES:
        return f'{name}(("{_GATES.get(node.type, "")}"))'
    brackets = ("([", "])") if node.trigger_declaration is not None else ("[", "]")
    return f'{name}{brackets[0]}"{_quoted(_label(node))}"{brackets[1]}'


def _quoted(text: str) -> str:
    return cell(text).replace('"', "#quot;")
