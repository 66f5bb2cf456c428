"""Automatic layout: layers from left to right, nodes of a layer ordered to keep wires short."""

from __future__ import annotations

from collections.abc import Mapping

from nodeforge.catalog import Kind
from nodeforge.core.graph import Graph
from nodeforge.ui.canvas.anatomy import anatomy_of
from nodeforge.ui.canvas.style import GRID, NODE_WIDTH

COLUMN = NODE_WIDTH + 80.0
ROW_GAP = 44.0
_SWEEPS = 8


def positions(graph: Graph, known: Mapping[str, Kind] | None = None) -> dict[str, tuple[float, float]]:
    """A place for every node; how high nodes are follows from the kinds `known` to the document.

    A node stands one column behind the last of those that feed it; what feeds only one node far on (a target)
    moves up to it. Within a column, nodes are ordered by the mean height of their neighbours, in sweeps
    to and fro, and then placed as near to that height as the others let them.
    """
    order = _execution_order(graph)
    column = _columns(graph, order)
    columns: dict[int, list[str]] = {}
    for name in order:
        columns.setdefault(column[name], []).append(name)
    heights = {name: anatomy_of(graph, graph.nodes[name], known).height for name in order}
    middle = dict.fromkeys(order, 0.0)
    for names in columns.values():
        _stack(names, {name: float(i) for i, name in enumerate(names)}, heights, middle)
    for sweep in range(_SWEEPS):
        onward = sweep % 2 == 0
        for index in sorted(columns, reverse=not onward):
            wishes = {}
            for name in columns[index]:
                near = graph.predecessors(name) if onward else graph.successors(name)
                near = near or (graph.successors(name) if onward else graph.predecessors(name))
                wishes[name] = sum(middle[n] for n in near) / len(near) if near else middle[name]
            columns[index].sort(key=wishes.__getitem__)
            _stack(columns[index], wishes, heights, middle)
    top = min((middle[name] - heights[name] / 2 for name in order), default=0.0)
    return {
        name: (column[name] * COLUMN, round((middle[name] - heights[name] / 2 - top) / GRID * 2) * GRID / 2)
        for name in order
    }


def _execution_order(graph: Graph) -> list[str]:
    """Names so that sources come before targets; the nodes of cycles last, as they were made."""
    waiting = {node.name: len(graph.predecessors(node.name)) for node in graph.ordered_nodes()}
    ready = [name for name, count in waiting.items() if not count]
    order = []
    while ready:
        name = ready.pop(0)
        order.append(name)
        for target in sorted(graph.successors(name)):
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    done = set(order)
    return order + [name for name in waiting if name not in done]


def _columns(graph: Graph, order: list[str]) -> dict[str, int]:
    column: dict[str, int] = {}
    for name in order:
        column[name] = max((column[p] + 1 for p in graph.predecessors(name) if p in column), default=0)
    for name in reversed(order):
        targets = [column[t] for t in graph.successors(name)]
        if targets and not graph.predecessors(name):
            column[name] = max(column[name], min(targets) - 1)
    return column


def _stack(
    names: list[str], wishes: Mapping[str, float], heights: Mapping[str, float], middle: dict[str, float]
) -> None:
    """Place a column's nodes in their order without overlap, as near to their wishes as can be."""
    groups: list[tuple[float, list[str]]] = []  # (top, names), each stacked without gaps
    for name in names:
        top, members = wishes[name] - heights[name] / 2, [name]
        while groups and groups[-1][0] + _extent(groups[-1][1], heights) > top:
            previous_top, previous = groups.pop()
            weight = len(previous) / (len(previous) + len(members))
            shift = _extent(previous, heights)
            top = previous_top * weight + (top - shift) * (1 - weight)
            members = previous + members
        groups.append((top, members))
    for top, members in groups:
        for name in members:
            middle[name] = top + heights[name] / 2
            top += heights[name] + ROW_GAP


def _extent(names: list[str], heights: Mapping[str, float]) -> float:
    return sum(heights[name] + ROW_GAP for name in names)
