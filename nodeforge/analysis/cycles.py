"""One shortest loop for each knot of nodes that wait for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx


def shortest_cycles(graph: nx.DiGraph) -> list[list[str]]:
    """The nodes of a shortest cycle in each strongly connected component, in the direction of the wires."""
    import networkx as nx

    components = sorted(nx.strongly_connected_components(graph), key=min)
    return [cycle for nodes in components if (cycle := _shortest_cycle(graph.subgraph(nodes)))]


def _shortest_cycle(component: nx.DiGraph) -> list[str]:
    """A shortest cycle; empty when there is none.

    A cycle that is not through a node survives its removal. So one node after the other gives its shortest
    cycle and goes, until what is left falls apart.
    """
    import networkx as nx

    best: list[str] = []
    todo = [component]
    while todo:
        part = todo.pop()
        busiest = max(sorted(part.nodes), key=part.degree)
        cycle = _cycle_through(part, busiest)
        if cycle and (not best or len(cycle) < len(best)):
            best = cycle
        rest = part.subgraph(part.nodes - {busiest})
        todo += [
            rest.subgraph(nodes) for nodes in nx.strongly_connected_components(rest) if _loops(rest, nodes)
        ]
    return best


def _cycle_through(graph: nx.DiGraph, name: str) -> list[str]:
    import networkx as nx

    if graph.has_edge(name, name):
        return [name]
    lengths, paths = nx.single_source_dijkstra(graph, name, weight=None)
    ends = [end for end in graph.predecessors(name) if end in paths]
    return paths[min(ends, key=lambda end: (lengths[end], end))] if ends else []


def _loops(graph: nx.DiGraph, nodes: set[str]) -> bool:
    return len(nodes) > 1 or any(graph.has_edge(name, name) for name in nodes)
