"""A drawing as a ladder of layers: its nodes, and a lane wherever a wire passes a layer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

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
    """Items are nodes, by their number in the sketch, and behind them lanes.

    Attributes:
        sketch: What is laid out; its wires run to the right.
        layer: Of each item.
        sizes: Of each item across; lanes have none.
        rungs: The items of each layer in order.
        into, out_of: The links at each item.
        routes: The lanes that each wire goes through, in order, by its number.
        lengths: Of the longest way through each node.
    """

    sketch: Sketch
    layer: list[int]
    sizes: list[float]
    rungs: list[list[int]]
    into: list[list[Link]]
    out_of: list[list[Link]]
    routes: dict[int, list[int]]
    lengths: list[int]

    @property
    def nodes(self) -> int:
        """How many of the items are nodes."""
        return len(self.lengths)

    def is_lane(self, item: int) -> bool:
        return item >= self.nodes

    def rank(self, item: int) -> int:
        """What comes first where nothing else decides: long wires, then the main way, then what stands aside."""
        return 0 if self.is_lane(item) else 1 + int(self.sketch.aside[item])

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
    made = Ladder(
        sketch=sketch,
        layer=layers_of(near),
        sizes=sketch.sizes[:, 1].tolist(),
        rungs=[],
        into=[[] for _ in range(count)],
        out_of=[[] for _ in range(count)],
        routes={},
        lengths=lengths(near),
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
    return made


def _add_wires(made: Ladder, source: int, leaves: float, edges: list[int]) -> None:
    """Link a port with all that it feeds, the nearest first, through lanes of its own."""
    lanes: list[int] = []
    for edge in sorted(edges, key=lambda edge: made.layer[made.sketch.edges[edge, 1]]):
        target = int(made.sketch.edges[edge, 1])
        while made.layer[source] + len(lanes) + 1 < made.layer[target]:
            lane = len(made.layer)
            made.layer.append(made.layer[source] + len(lanes) + 1)
            made.sizes.append(0.0)
            made.into.append([])
            made.out_of.append([])
            made.rungs[made.layer[lane]].append(lane)
            _link(made, Link(lanes[-1] if lanes else source, lane, 0.0 if lanes else leaves, 0.0))
            lanes.append(lane)
        enters = float(made.sketch.ports[edge, 3])
        _link(made, Link(lanes[-1] if lanes else source, target, 0.0 if lanes else leaves, enters))
        if lanes:
            made.routes[edge] = list(lanes)


def _link(made: Ladder, link: Link) -> None:
    made.out_of[link.source].append(link)
    made.into[link.target].append(link)


def present_order(ladder: Ladder) -> list[list[int]]:
    """The items of each layer in the order in which they lie now; a wire behind a node counts as before it."""
    sketch = ladder.sketch
    starts, ends = sketch.places[:, 1], sketch.places[:, 1] + sketch.sizes[:, 1]
    key = [*((starts + ends) / 2).tolist(), *[0.0] * (len(ladder.layer) - ladder.nodes)]
    nodes = [[item for item in rung if not ladder.is_lane(item)] for rung in ladder.rungs]
    middles = sketch.places[:, 0] + sketch.sizes[:, 0] / 2
    columns = [float(np.median(middles[found])) if found else 0.0 for found in nodes]
    for edge, way in _present_ways(sketch, list(ladder.routes)).items():
        for lane in ladder.routes[edge]:
            layer = ladder.layer[lane]
            key[lane] = float(np.interp(columns[layer], way[:, 0], way[:, 1]))
            hidden = [starts[node] for node in nodes[layer] if starts[node] <= key[lane] <= ends[node]]
            key[lane] = float(min(hidden, default=key[lane]))
    return [sorted(rung, key=lambda item: (key[item], ladder.rank(item))) for rung in ladder.rungs]


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
