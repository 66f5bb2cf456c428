"""In which order nodes run."""

from __future__ import annotations

from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from heapq import heapify, heappop, heappush

from nodeforge.core.graph import Graph


def execution_order(graph: Graph) -> list[str]:
    """Node names, each after all that feed it; among those that are free to run, as they were drawn.

    Nodes in a cycle, and those behind one, are left out.
    """
    sorter = TopologicalSorter({name: graph.predecessors(name) for name in graph.nodes})
    with suppress(CycleError):  # the sorter still gives all nodes that no cycle blocks
        sorter.prepare()

    def entry(name: str) -> tuple[int, str]:
        return (graph.nodes[name].order or 0, name)

    ready = [entry(name) for name in sorter.get_ready()]
    heapify(ready)
    order = []
    while ready:
        _, name = heappop(ready)
        order.append(name)
        sorter.done(name)
        for freed in sorter.get_ready():
            heappush(ready, entry(freed))
    return order
