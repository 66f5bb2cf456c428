"""The nodes of a fence as a cluster: which layers it takes, what lies in it, and the area that it gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nodeforge.core.drawing import Point
from nodeforge.session.layout.layers import Neighbours
from nodeforge.session.layout.packing import joined
from nodeforge.session.layout.sketch import Fence, Sketch

Bends = Mapping[int, tuple[Point, ...]]
Path = tuple[int, ...]
"""Fences around an item, by number, the outermost first."""


@dataclass(frozen=True, slots=True)
class Border:
    """The upper or lower edge of a fence where it passes a layer.

    Attributes:
        fence: Its number.
        upper: Whether it is the upper edge.
    """

    fence: int
    upper: bool


def paths(count: int, fences: Sequence[Fence]) -> list[Path]:
    """The fences around each node."""
    found: list[Path] = [()] * count
    for number, fence in enumerate(fences):
        for node in fence.nodes:
            found[node] = (number, *found[node])
    return found


def parents(fences: Sequence[Fence]) -> list[int]:
    """The fence directly around each fence; -1 where there is none."""
    found = [-1] * len(fences)
    for number, fence in enumerate(fences):
        outer = range(number + 1, len(fences))
        found[number] = next((each for each in outer if fence.nodes <= fences[each].nodes), -1)
    return found


def held(
    sketch: Sketch, fence: Fence, inner: Sequence[np.ndarray], places: np.ndarray, bends: Bends
) -> np.ndarray:
    """(4,): left, top, right and bottom of what a fence holds: nodes, bends of the wires between them, and fences.

    Args:
        sketch: The drawing.
        fence: One of its fences.
        inner: The areas of those within it.
        places: (n, 2) corners of the nodes.
        bends: By wire.
    """
    nodes = list(fence.nodes)
    ways = [
        np.array(way) for edge, way in bends.items() if fence.nodes.issuperset(sketch.edges[edge].tolist())
    ]
    points = np.concatenate(
        (places[nodes], places[nodes] + sketch.sizes[nodes], *ways, *(area.reshape(2, 2) for area in inner))
    )
    return np.concatenate((points.min(axis=0), points.max(axis=0)))


def drawn_around(sketch: Sketch, places: np.ndarray, bends: Bends) -> np.ndarray:
    """(k, 4): left, top, right and bottom of each fence, drawn around what it holds."""
    areas: list[np.ndarray] = []
    around = parents(sketch.fences)
    for number, fence in enumerate(sketch.fences):
        inner = [area for area, outer in zip(areas, around, strict=False) if outer == number]
        areas.append(held(sketch, fence, inner, places, bends) + np.array(fence.margins) * (-1, -1, 1, 1))
    return np.array(areas).reshape(-1, 4)


def close_up(layer: list[int], near: Neighbours, fences: Sequence[Fence]) -> list[int]:
    """Layers in which the nodes of a fence stand as near to each other as the wires let them.

    What no wire joins with the others begins in the layer where they begin. A node that may stand in several layers
    keeps to those of the nodes that may not.
    """
    layer = list(layer)
    arcs = [(node, target) for node, targets in enumerate(near.behind) for target in targets]
    pieces = [nodes for nodes, _ in joined(len(layer), np.array(arcs, int).reshape(-1, 2))]
    for fence in fences:
        first, *others = sorted(
            (piece for piece in pieces if fence.nodes.intersection(piece.tolist())), key=len, reverse=True
        )
        begin = min(layer[node] for node in first if node in fence.nodes)
        for piece in others:
            shift = begin - min(layer[node] for node in piece if node in fence.nodes)
            for node in piece:
                layer[node] += shift
        pieces = [
            piece for piece in pieces if all(piece is not other for other in others) and piece is not first
        ]
        pieces.append(np.concatenate((first, *others)))
    ends = min(layer), max(layer)
    for fence in fences:
        room = {node: _room(layer, near, node, ends) for node in fence.nodes}
        firm = [layer[node] for node, (low, high) in room.items() if low == high]
        if firm:
            for node in sorted(fence.nodes, key=layer.__getitem__):
                low, high = _room(layer, near, node, ends)
                wish = min(max(layer[node], min(firm)), max(firm))
                layer[node] = min(max(wish, low), high)
    least = min(layer)
    return [each - least for each in layer]


def _room(layer: list[int], near: Neighbours, node: int, ends: tuple[int, int]) -> tuple[int, int]:
    """The first and the last layer in which a node may stand, as long as no other moves."""
    low = max((layer[source] + 1 for source in near.before[node]), default=ends[0])
    return low, min((layer[target] - 1 for target in near.behind[node]), default=ends[1])
