"""The points that long wires go through, where the direct way would lead behind a node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodeforge.core.drawing import Point
from nodeforge.session.layout.ladder import Ladder
from nodeforge.session.layout.sketch import Trace

CLEAR = 7.0
"""How far a wire keeps from nodes at least."""
_SAME = 0.5
"""Points whose heights differ by less lie on one line."""

Way = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Obstacles:
    """The nodes of a layered drawing, for asking many points at once whether they lie in one.

    Attributes:
        starts: (n,) where the nodes begin across, with the layer before it: `layer * tall + start`, sorted.
        ends: (n,) where they end, likewise.
        nodes: (n,) their numbers.
        layer_starts, layer_ends: Along, of each layer.
        tall: More than the drawing is high.
        top: Where the drawing begins across.
    """

    starts: np.ndarray
    ends: np.ndarray
    nodes: np.ndarray
    layer_starts: np.ndarray
    layer_ends: np.ndarray
    tall: float
    top: float

    def at(self, points: np.ndarray) -> np.ndarray:
        """(p,): the number of the node that each point lies behind, or -1."""
        layer = np.searchsorted(self.layer_starts, points[:, 0], side="right") - 1
        inside = (layer >= 0) & (points[:, 0] <= self.layer_ends[np.maximum(layer, 0)])
        keys = layer * self.tall + points[:, 1] - self.top
        slot = np.maximum(np.searchsorted(self.starts, keys, side="right") - 1, 0)
        return np.where(
            inside & (keys >= self.starts[slot]) & (keys <= self.ends[slot]), self.nodes[slot], -1
        )


def obstacles_of(
    ladder: Ladder, starts: list[float], layer_starts: np.ndarray, widths: np.ndarray
) -> Obstacles:
    """The nodes of a ladder whose places are known."""
    count = ladder.nodes
    layer = np.array(ladder.layer[:count])
    begin = np.array(starts[:count]) - CLEAR
    end = begin + ladder.sketch.sizes[:, 1] + 2 * CLEAR
    top, tall = float(begin.min()), float(end.max() - begin.min()) + 1.0
    order = np.lexsort((begin, layer))
    return Obstacles(
        starts=(layer * tall + begin - top)[order],
        ends=(layer * tall + end - top)[order],
        nodes=order,
        layer_starts=layer_starts - CLEAR / 2,
        layer_ends=layer_starts + widths + CLEAR / 2,
        tall=tall,
        top=top,
    )


def bends(
    ladder: Ladder, places: np.ndarray, starts: list[float], layer_starts: np.ndarray, widths: np.ndarray
) -> dict[int, tuple[Point, ...]]:
    """The bends of the wires that need some, by number.

    Args:
        ladder: Nodes and lanes in order.
        places: (n, 2) corners of the nodes.
        starts: Where each item begins across.
        layer_starts: Where each layer begins along.
        widths: How much room each layer takes along.
    """
    sketch = ladder.sketch
    ends = np.concatenate((places[sketch.edges[:, 0]], places[sketch.edges[:, 1]]), axis=1) + sketch.ports
    obstacles = obstacles_of(ladder, starts, layer_starts, widths)
    onward = np.flatnonzero(ends[:, 2] >= ends[:, 0])
    touching = onward[
        _touching(ends[onward], [[] for _ in onward], sketch.edges[onward], obstacles, sketch.trace)
    ]
    ways = {
        edge: full_way(ladder, edge, ends[edge].tolist(), starts, layer_starts, widths)
        for edge in touching.tolist()
    }
    _shorten(ways, ends, sketch.edges, obstacles, sketch.trace)
    return {edge: tuple(way) for edge, way in ways.items() if way}


def full_way(
    ladder: Ladder,
    edge: int,
    ends: list[float],
    starts: list[float],
    layer_starts: np.ndarray,
    widths: np.ndarray,
) -> Way:
    """Through all its lanes: a point where each run on one height begins, and one where it ends."""
    source, target = ladder.sketch.edges[edge].tolist()
    first, last = ladder.layer[source], ladder.layer[target]
    heights = [ends[1], *(starts[lane] for lane in ladder.routes.get(edge, ())), ends[3]]
    way: Way = []
    for place, height in enumerate(heights):
        layer = first + place
        begin, end = float(layer_starts[layer]), float(layer_starts[layer] + widths[layer])
        if place and abs(height - heights[place - 1]) > _SAME and layer != last:
            way.append((begin, height))
        if layer != last and abs(height - heights[place + 1]) > _SAME and layer != first:
            way.append((end, height))
    if widths[first] > ladder.sketch.sizes[source, 0] + CLEAR:
        way.insert(0, (float(layer_starts[first] + widths[first]), ends[1]))
    if ends[2] > layer_starts[last] + CLEAR:
        way.append((float(layer_starts[last]), ends[3]))
    return way


def _shorten(
    ways: dict[int, Way], ends: np.ndarray, edges: np.ndarray, obstacles: Obstacles, trace: Trace
) -> None:
    """Leave out every point without which a wire touches no node either."""
    place = 0
    while pending := [edge for edge, way in ways.items() if place < len(way)]:
        trial = [ways[edge][:place] + ways[edge][place + 1 :] for edge in pending]
        touches = _touching(ends[pending], trial, edges[pending], obstacles, trace)
        for edge, shorter, bad in zip(pending, trial, touches.tolist(), strict=True):
            if not bad:
                ways[edge] = shorter
        place += 1


def _touching(
    ends: np.ndarray, ways: list[Way], edges: np.ndarray, obstacles: Obstacles, trace: Trace
) -> np.ndarray:
    """(k,): whether each wire leads behind a node that is not one of its own."""
    counts = np.array([len(way) for way in ways], np.int64)
    points, wires = trace(ends, counts, np.array([p for way in ways for p in way]).reshape(-1, 2))
    found = obstacles.at(points)
    bad = (found >= 0) & (found != edges[wires, 0]) & (found != edges[wires, 1])
    return np.bincount(wires[bad], minlength=len(ways)) > 0
