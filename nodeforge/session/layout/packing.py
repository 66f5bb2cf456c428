"""Pieces of a drawing that no wire joins: which they are, and where they stand beside each other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from nodeforge.session.layout.sketch import Fence

_APART = 90.0
_LONG = 1200.0
"""Small pieces share a row until it is as long as the longest piece, or as this."""


def joined(
    count: int, edges: np.ndarray, fences: Iterable[Fence] = ()
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The nodes and the wires of each piece, in the order of their first nodes. What a fence holds is one piece."""
    leader = list(range(count))

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    ties = [(min(fence.nodes), node) for fence in fences for node in fence.nodes]
    for source, target in [*edges.tolist(), *ties]:
        one, two = find(source), find(target)
        leader[max(one, two)] = min(one, two)
    owner = np.array([find(node) for node in range(count)])
    wires = owner[edges[:, 0]] if len(edges) else np.empty(0, int)
    return [(np.flatnonzero(owner == each), np.flatnonzero(wires == each)) for each in np.unique(owner)]


def packed(extents: list[np.ndarray]) -> list[np.ndarray]:
    """How far each piece is moved, from left, top, right and bottom of all: the longest first, in rows below it."""
    widths = [float(extent[2] - extent[0]) for extent in extents]
    heights = [float(extent[3] - extent[1]) for extent in extents]
    longest = max(_LONG, *widths)
    moves = [np.zeros(2)] * len(extents)
    x = y = tall = 0.0
    for piece in sorted(range(len(extents)), key=lambda piece: (-widths[piece], piece)):
        if x and x + widths[piece] > longest:
            x, y, tall = 0.0, y + tall + _APART, 0.0
        moves[piece] = np.array((x, y)) - extents[piece][:2]
        x += widths[piece] + _APART
        tall = max(tall, heights[piece])
    return moves
