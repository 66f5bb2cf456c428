"""A drawing as a ladder of layers: its nodes, a lane wherever a wire passes a layer, and the borders of its fences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import NamedTuple

import numpy as np

from nodeforge.session.layout.clusters import Border, Path, close_up, paths
from nodeforge.session.layout.layers import Neighbours, against, layers_of, lengths
from nodeforge.session.layout.sketch import Sketch


class Link(NamedTuple):
    """A piece of a wire between neighbouring layers.

    `leaves` and `enters` are measured across the way of the wires, from where the items begin.
    """

    source: int
    target: int
    leaves: float
    enters: float


@dataclass(slots=True)
class Ladder:
    """Items are nodes, by their number in the sketch, behind them lanes, and behind those borders.

    Attributes:
        sketch: What is laid out; its wires run to the right.
        layer: Of each item.
        sizes: Of each item across; only nodes have one.
        rungs: The items of each layer in order.
        into, out_of: The links at each item.
        routes: The lanes that each wire goes through, in order, by its number.
        lengths: Of the longest way through each node.
        paths: The fences around each item. What has the same fences around it stands together in each layer.
        borders: Those items that are borders: a fence has an upper and a lower one in each layer from its first to
            its last, around all that it holds there.
        spans: The first and the last layer of each fence.
    """

    sketch: Sketch
    layer: list[int]
    sizes: list[float]
    rungs: list[list[int]]
    into: list[list[Link]]
    out_of: list[list[Link]]
    routes: dict[int, list[int]]
    lengths: list[int]
    paths: list[Path]
    borders: dict[int, Border]
    edges: dict[int, Link]
    spans: list[tuple[int, int]]

    @property
    def nodes(self) -> int:
        """How many of the items are nodes."""
        return len(self.lengths)

    def is_node(self, item: int) -> bool:
        return item < self.nodes

    def is_lane(self, item: int) -> bool:
        return item >= self.nodes and item not in self.borders

    def rank(self, item: int) -> int:
        """What comes first where nothing else decides: long wires, then the main way, then what stands aside."""
        return 1 + int(self.sketch.aside[item]) if self.is_node(item) else 0

    def positions(self) -> list[int]:
        """The place of each item in its rung."""
        found = [0] * len(self.layer)
        for rung in self.rungs:
            for place, item in enumerate(rung):
                found[item] = place
        return found


def ladder_of(sketch: Sketch) -> Ladder:
    """The layers of a sketch, in the order of its nodes.

    Wires out of one port share their lanes as far as they run together. A wire that closes a loop gets none.
    """
    count = len(sketch.sizes)
    arcs = [(int(a), int(b)) for a, b in sketch.edges.tolist()]
    closing = [back or a == b for back, (a, b) in zip(against(count, arcs), arcs, strict=True)]
    onward = [(b, a) if back else (a, b) for back, (a, b) in zip(closing, arcs, strict=True) if a != b]
    near = Neighbours(count, onward)
    fences = sketch.fences
    layers = layers_of(near)
    if fences:
        layers = close_up(layers, near, fences)
    made = Ladder(
        sketch=sketch,
        layer=layers,
        sizes=sketch.sizes[:, 1].tolist(),
        rungs=[],
        into=[[] for _ in range(count)],
        out_of=[[] for _ in range(count)],
        routes={},
        lengths=lengths(near),
        paths=paths(count, fences),
        borders={},
        edges={},
        spans=[_span(layers, fence.nodes) for fence in fences],
    )
    made.rungs = [[] for _ in range(max(made.layer, default=-1) + 1)]
    for node, layer in enumerate(made.layer):
        made.rungs[layer].append(node)
    wires: dict[tuple[int, float], list[int]] = defaultdict(list)
    for edge, back in enumerate(closing):
        if not back:
            wires[arcs[edge][0], float(sketch.ports[edge, 1])].append(edge)
    for (source, leaves), edges in wires.items():
        _add_wires(made, source, leaves, edges)
    for fence in range(len(fences)):
        _add_borders(made, fence)
    return made


def _span(layer: list[int], nodes: Collection[int]) -> tuple[int, int]:
    """The first and the last layer of nodes."""
    layers = [layer[node] for node in nodes]
    return min(layers), max(layers)


def _add_wires(made: Ladder, source: int, leaves: float, edges: list[int]) -> None:
    """Link a port with all that it feeds, the nearest first, through lanes of its own."""
    lanes: list[int] = []
    edges = sorted(edges, key=lambda edge: made.layer[made.sketch.edges[edge, 1]])
    targets = made.sketch.edges[edges, 1].tolist()
    for place, (edge, target) in enumerate(zip(edges, targets, strict=True)):
        while made.layer[source] + len(lanes) + 1 < made.layer[target]:
            layer = made.layer[source] + len(lanes) + 1
            lane = _add_item(made, layer, _path_between(made, source, targets[place:], layer))
            _link(made, Link(lanes[-1] if lanes else source, lane, 0.0 if lanes else leaves, 0.0))
            lanes.append(lane)
        enters = float(made.sketch.ports[edge, 3])
        _link(made, Link(lanes[-1] if lanes else source, target, 0.0 if lanes else leaves, enters))
        if lanes:
            made.routes[edge] = list(lanes)


def _path_between(made: Ladder, source: int, targets: list[int], layer: int) -> Path:
    """The fences around a wire where it passes a layer: those of its source, and then those of all its targets.

    So a wire leaves a fence on the side on which wires leave nodes, and enters one on the side on which they enter.
    """
    shared = [fence for fence in made.paths[targets[0]] if all(fence in made.paths[t] for t in targets)]
    here, there = (
        tuple(fence for fence in path if made.spans[fence][0] <= layer <= made.spans[fence][1])
        for path in (made.paths[source], shared)
    )
    return there if there[: len(here)] == here else here


def _add_item(made: Ladder, layer: int, path: Path) -> int:
    """A lane or a border."""
    item = len(made.layer)
    made.layer.append(layer)
    made.sizes.append(0.0)
    made.into.append([])
    made.out_of.append([])
    made.paths.append(path)
    made.rungs[layer].append(item)
    return item


def _add_borders(made: Ladder, fence: int) -> None:
    path = made.paths[min(made.sketch.fences[fence].nodes)]
    path = path[: path.index(fence) + 1]
    first, last = made.spans[fence]
    for upper in (True, False):
        row = [_add_item(made, layer, path) for layer in range(first, last + 1)]
        made.borders.update(dict.fromkeys(row, Border(fence, upper)))
        made.edges.update((one, Link(one, two, 0.0, 0.0)) for one, two in pairwise(row))


def _link(made: Ladder, link: Link) -> None:
    made.out_of[link.source].append(link)
    made.into[link.target].append(link)


def present_order(ladder: Ladder) -> list[list[int]]:
    """The items of each layer in the order in which they lie now; a wire behind a node counts as before it."""
    sketch = ladder.sketch
    starts, ends = sketch.places[:, 1], sketch.places[:, 1] + sketch.sizes[:, 1]
    key = [*((starts + ends) / 2).tolist(), *[0.0] * (len(ladder.layer) - ladder.nodes)]
    nodes = [[item for item in rung if ladder.is_node(item)] for rung in ladder.rungs]
    middles = sketch.places[:, 0] + sketch.sizes[:, 0] / 2
    columns = [float(np.median(middles[found])) if found else 0.0 for found in nodes]
    for edge, way in _present_ways(sketch, list(ladder.routes)).items():
        for lane in ladder.routes[edge]:
            layer = ladder.layer[lane]
            key[lane] = float(np.interp(columns[layer], way[:, 0], way[:, 1]))
            hidden = [starts[node] for node in nodes[layer] if starts[node] <= key[lane] <= ends[node]]
            key[lane] = float(min(hidden, default=key[lane]))
    return gathered(ladder, ladder.rungs, key)


def gathered(ladder: Ladder, rungs: list[list[int]], key: Sequence[float]) -> list[list[int]]:
    """The items of each layer sorted by their keys, with the items of each fence together.

    A fence goes by the mean of its nodes, so that two of them lie in the same order in all layers.
    """
    means = [sum(key[node] for node in fence.nodes) / len(fence.nodes) for fence in ladder.sketch.fences]

    def place(item: int) -> list[tuple[float, int, int]]:
        around = [(means[fence], -1, fence) for fence in ladder.paths[item]]
        if border := ladder.borders.get(item):
            return [*around, (-inf if border.upper else inf, 0, 0)]
        return [*around, (key[item], ladder.rank(item), 0)]

    return [sorted(rung, key=place) for rung in rungs]


def _present_ways(sketch: Sketch, edges: list[int]) -> dict[int, np.ndarray]:
    """Points along wires as they run now, by the number of the wire; never back."""
    if not edges:
        return {}
    bends = [sketch.bends.get(edge, ()) for edge in edges]
    corners = (sketch.places[sketch.edges[edges, 0]], sketch.places[sketch.edges[edges, 1]])
    points, wires = sketch.trace(
        np.concatenate(corners, axis=1) + sketch.ports[edges],
        np.array([len(way) for way in bends]),
        np.array([point for way in bends for point in way]).reshape(-1, 2),
    )
    points = points[np.argsort(wires, kind="stable")]
    ways = np.split(points, np.cumsum(np.bincount(wires, minlength=len(edges)))[:-1])
    return {
        edge: np.stack((np.maximum.accumulate(way[:, 0]), way[:, 1]), axis=1)
        for edge, way in zip(edges, ways, strict=True)
    }
