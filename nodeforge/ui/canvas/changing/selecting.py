"""Which nodes to select from those that are."""

from __future__ import annotations

from collections.abc import Collection

from nodeforge.core.graph import Graph, reached


def upstream(graph: Graph, names: Collection[str]) -> set[str]:
    """The nodes, and all that feed them."""
    return reached(graph.predecessors, names)


def downstream(graph: Graph, names: Collection[str]) -> set[str]:
    """The nodes, and all that they feed."""
    return reached(graph.successors, names)


def connected(graph: Graph, names: Collection[str]) -> set[str]:
    """The nodes, and all that hang together with them by wires, whatever their direction."""
    return reached(lambda name: graph.successors(name) | graph.predecessors(name), names)


def inverted(graph: Graph, names: Collection[str]) -> set[str]:
    """All other nodes."""
    return graph.nodes.keys() - set(names)
