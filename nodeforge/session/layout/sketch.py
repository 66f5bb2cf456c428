"""What is laid out, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from nodeforge.core.drawing import Point

Trace = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""How wires are painted: from their (k, 4) ends, the (k,) numbers of their bends and all those bends, (b, 2), to (p, 2)
points along the wires and, (p,), which wire each lies on."""


def straight(ends: np.ndarray, counts: np.ndarray, bends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A `Trace` of wires that are painted as straight lines from bend to bend."""
    last = np.cumsum(counts + 2) - 1
    inner = np.ones(int(counts.sum()) + 2 * len(counts), bool)
    inner[last] = inner[last - counts - 1] = False
    way = np.empty((len(inner), 2))
    way[last], way[last - counts - 1], way[inner] = ends[:, 2:], ends[:, :2], bends
    starts = np.setdiff1d(np.arange(len(way)), last)
    share = np.linspace(0.0, 1.0, 16)[None, :, None]
    points = way[starts][:, None] * (1 - share) + way[starts + 1][:, None] * share
    return points.reshape(-1, 2), np.repeat(np.arange(len(counts)), (counts + 1) * 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A frame around nodes. All of them lie in it when they are laid out, and no others do.

    Attributes:
        nodes: Their numbers, those in fences within it included.
        margins: (4,) room between what it holds and its left, top, right and lower edge.
        outside: (4,) room that it needs beyond those edges, for its title.
    """

    nodes: frozenset[int]
    margins: tuple[float, ...] = (30.0,) * 4
    outside: tuple[float, ...] = (0.0,) * 4

    def turned(self) -> Fence:
        """The same with the axes exchanged."""
        return replace(self, margins=_turned_sides(self.margins), outside=_turned_sides(self.outside))


def _turned_sides(sides: tuple[float, ...]) -> tuple[float, ...]:
    left, top, right, bottom = sides
    return (top, left, bottom, right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A drawing that is to be laid out. All lengths are in canvas units.

    Attributes:
        sizes: (n, 2) width and height of each node.
        edges: (m, 2) for each wire the numbers of the nodes that it comes from and goes to.
        ports: (m, 4) where it leaves the one and enters the other, from the corners of those nodes.
        places: (n, 2) the present corners. What lies in a certain order now stays in it where that is good.
        aside: (n,) nodes that the main way does not lead through, such as losses and their targets.
        bends: The points that wires go through now, by number; most wires have none.
        direction: One of `core.drawing.DIRECTIONS`.
        trace: How wires are painted.
        rows: Whether a long drawing is broken into rows.
        fences: Two of them have no node in common, or all nodes of the earlier one lie in the later one.
    """

    sizes: np.ndarray
    edges: np.ndarray
    ports: np.ndarray
    places: np.ndarray
    aside: np.ndarray
    bends: dict[int, tuple[Point, ...]] = field(default_factory=dict)
    direction: str = "right"
    trace: Trace = straight
    rows: bool = False
    fences: tuple[Fence, ...] = ()

    def turned(self) -> Sketch:
        """The same with the axes exchanged, so that wires which run down run to the right."""

        def turned_trace(
            ends: np.ndarray, counts: np.ndarray, bends: np.ndarray
        ) -> tuple[np.ndarray, np.ndarray]:
            points, wires = self.trace(ends[:, [1, 0, 3, 2]], counts, bends[:, ::-1])
            return points[:, ::-1], wires

        return Sketch(
            sizes=self.sizes[:, ::-1],
            edges=self.edges,
            ports=self.ports[:, [1, 0, 3, 2]],
            places=self.places[:, ::-1],
            aside=self.aside,
            bends={edge: turned_points(points) for edge, points in self.bends.items()},
            trace=turned_trace,
            rows=self.rows,
            fences=tuple(fence.turned() for fence in self.fences),
        )

    def part(self, nodes: np.ndarray, edges: np.ndarray) -> Sketch:
        """Some nodes, with the wires between them, numbered anew. Fences lie in the part as a whole or not at all."""
        number = np.full(len(self.sizes), -1)
        number[nodes] = np.arange(len(nodes))
        return Sketch(
            sizes=self.sizes[nodes],
            edges=number[self.edges[edges]],
            ports=self.ports[edges],
            places=self.places[nodes],
            aside=self.aside[nodes],
            bends={i: self.bends[e] for i, e in enumerate(edges.tolist()) if e in self.bends},
            trace=self.trace,
            rows=self.rows,
            fences=tuple(
                replace(fence, nodes=frozenset(number[list(fence.nodes)].tolist()))
                for fence in self.fences
                if number[min(fence.nodes)] >= 0
            ),
        )


def turned_points(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Points with their axes exchanged."""
    return tuple((y, x) for x, y in points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where everything comes to lie.

    Attributes:
        places: (n, 2) corner of each node.
        bends: The points that wires go through, by number; those that need none are left out.
        areas: (k, 4) left, top, right and bottom of each fence.
    """

    places: np.ndarray
    bends: dict[int, tuple[Point, ...]] = field(default_factory=dict)
    areas: np.ndarray = field(default_factory=lambda: np.empty((0, 4)))
