"""What arranging costs and leaves: process CPU and crossings of drawings of 2,000 nodes.

Beside it stand the layers of networkx (`multipartite_layout`), which does not sort them, and grandalf, another layered
layout in Python, where it can be imported. Crossings are counted alike: wires run on straight lines through the layers
of NodeForge, in the order of the heights that each gives its nodes.
"""

from __future__ import annotations

import importlib.util
import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import networkx as nx
import numpy as np

from nodeforge.session.layout import Fence, Sketch, arrange
from nodeforge.session.layout.ladder import ladder_of, present_order
from nodeforge.session.layout.ordering import crossings
from tests.benchmarks.table import Row

NODES = 2_000
ROUNDS = 5
SIZE = (160.0, 56.0)
WANTED_S = 1.0

Edges = list[tuple[int, int]]
Places = np.ndarray
"""(n, 2), x to the right."""


def deep(rng: random.Random) -> Edges:
    """Blocks behind each other, fed from anywhere in the last sixty nodes, and connections that skip some."""
    edges = {(max(0, i - 1 - int(rng.expovariate(1 / 8))), i) for i in range(1, NODES)}
    edges |= {(i - rng.randint(2, 60), i) for i in range(60, NODES) if rng.random() < 0.5}
    return sorted(edges)


def residual(rng: random.Random) -> Edges:
    """Blocks of seven layers, each with a connection around six of them."""
    edges = [(i, i + 1) for i in range(NODES - 1)]
    return edges + [(i, i + 6) for i in range(0, NODES - 6, 7)]


def wide(rng: random.Random) -> Edges:
    """Twenty layers of a hundred nodes, each fed by one or two near ones of the layer before."""
    row = 100
    edges = set()
    for i in range(row, NODES):
        for _ in range(rng.choice((1, 1, 2))):
            near = min(row - 1, max(0, i % row + rng.randint(-8, 8)))
            edges.add(((i // row - 1) * row + near, i))
    return sorted(edges)


def frames() -> tuple[Fence, ...]:
    """A frame around thirty nodes that follow each other, fifteen left out between two of them."""
    title = (0.0, 30.0, 0.0, 0.0)
    return tuple(
        Fence(nodes=frozenset(range(first, first + 30)), outside=title) for first in range(0, NODES - 30, 45)
    )


def sketch_of(edges: Edges) -> Sketch:
    """All nodes of one size in no place at all, with a port in the middle of each side."""
    width, height = SIZE
    return Sketch(
        sizes=np.full((NODES, 2), SIZE),
        edges=np.array(edges),
        ports=np.tile([width, height / 2, 0.0, height / 2], (len(edges), 1)),
        places=np.zeros((NODES, 2)),
        aside=np.zeros(NODES, bool),
    )


def by_nodeforge(edges: Edges) -> Places:
    return arrange(sketch_of(edges)).places


def in_frames(edges: Edges) -> Places:
    return arrange(replace(sketch_of(edges), fences=frames())).places


def by_networkx(edges: Edges) -> Places:
    graph = nx.DiGraph()
    graph.add_nodes_from(range(NODES))
    graph.add_edges_from(edges)
    for layer, nodes in enumerate(nx.topological_generations(graph)):
        for node in nodes:
            graph.nodes[node]["subset"] = layer
    placed = nx.multipartite_layout(graph)
    return np.array([placed[node] for node in range(NODES)])


def by_grandalf(edges: Edges) -> Places:
    from grandalf.graphs import Edge, Graph, Vertex
    from grandalf.layouts import SugiyamaLayout, VertexViewer

    nodes = [Vertex(i) for i in range(NODES)]
    for node in nodes:
        node.view = VertexViewer(*SIZE)
    for piece in Graph(nodes, [Edge(nodes[a], nodes[b]) for a, b in edges]).C:
        layout = SugiyamaLayout(piece)
        layout.init_all()
        layout.draw(3)
    return np.array([node.view.xy[::-1] for node in nodes])  # it lays out from top to bottom


def left(edges: Edges, places: Places) -> int:
    """How often wires cross."""
    ladder = ladder_of(replace(sketch_of(edges), places=places))
    ladder.rungs = present_order(ladder)
    return crossings(ladder)


def cpu_s(layout: Callable[[Edges], Places], edges: Edges, rounds: int) -> tuple[float, Places]:
    """Median process CPU of a layout, and what it gave."""
    costs, places = [], np.empty((0, 2))
    for _ in range(rounds):
        start = time.process_time()
        places = layout(edges)
        costs.append(time.process_time() - start)
    return statistics.median(costs), places


def run() -> Iterator[Row]:
    """One row for each drawing, and one for the same in frames."""
    rivals: dict[str, Callable[[Edges], Places]] = {"networkx": by_networkx}
    if importlib.util.find_spec("grandalf") is not None:
        rivals["grandalf"] = by_grandalf
    for make in (deep, residual, wide):
        edges = make(random.Random(1))
        seconds, places = cpu_s(by_nodeforge, edges, ROUNDS)
        ours = left(edges, places)
        told = []
        for name, layout in rivals.items():
            theirs_s, theirs = cpu_s(layout, edges, 1)
            told.append(f"{name} {theirs_s:.2f} s, {left(edges, theirs):,} crossings")
        yield Row(
            name=f"arrange {NODES:,} nodes, {len(edges):,} wires: {make.__name__}",
            ours=f"{seconds:.2f} s, {ours:,} crossings",
            baseline="; ".join(told),
            result=f"{seconds:.2f} s",
            target=f"≤ {WANTED_S:.0f} s",
            met=seconds <= WANTED_S,
        )
        framed_s, _ = cpu_s(in_frames, edges, ROUNDS)
        yield Row(
            name=f"the same in {len(frames())} frames: {make.__name__}",
            ours=f"{framed_s:.2f} s",
            baseline=f"{seconds:.2f} s without frames",
            result=f"{framed_s:.2f} s",
            target=f"≤ {WANTED_S:.0f} s",
            met=framed_s <= WANTED_S,
        )


if __name__ == "__main__":
    from tests.benchmarks.table import format_table

    print(format_table(run()))
