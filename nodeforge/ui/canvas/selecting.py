"""Which nodes to select from those that are."""

from __future__ import annotations

from collections.abc import Callable, Collection

from nodeforge.core.graph import Graph


def upstream(graph: Graph, names: Collection[str]) -> set[str]:
    """The nodes, and all that feed them."""
    return _reached(names, graph.predecessors)


def downstream(graph: Graph, names: Collection[str]) -> set[str]:
    """The nodes, and all that they feed."""
    return _reached(names, graph.successors)


def connected(graph: Graph, names: Collection[str]) -> set[str]:
    """The nodes, and all that hang together with them by wires, whatever their direction."""
    return _reached(names, lambda name: graph.successors(name) | graph.predecessors(name))


def inverted(graph: Graph, names: Collection[str]) -> set[str]:
    """All other nodes."""
    return graph.nodes.keys() - set(names)


def _reached(names: Collection[str], near: Callable[[str], set[str]]) -> set[str]:
    seen, todo = set(names), list(names)
    while todo:
        fresh = near(todo.pop()) - seen
        seen |= fresh
        todo.extend(fresh)
    return seen
