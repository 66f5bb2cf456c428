"""A long drawing in rows, as a text is broken into lines: cut where a single wire leads on and no fence is cut."""

from __future__ import annotations

import math

import numpy as np

from nodeforge.core.drawing import Point
from nodeforge.session.layout.ladder import Ladder, Link
from nodeforge.session.layout.sketch import Plan

SHAPE = 1.8
"""How much longer than high a folded drawing should be."""
_FITS = 1300.0
"""A drawing that is not longer is left in one row."""
_APART = 80.0
"""Between rows."""
_CLEAR = 20.0
"""Above and below a wire that runs back between two rows."""
_TURN = 48.0
"""How far such a wire stands out of the rows."""
_SHORTER = 0.75
"""Broken into rows, a drawing is as long as this share of what it was at most; else it is left in one."""
_SHORT = 0.3
"""Rows are rather too long than one more of them is shorter than about this share of what is wished."""


def folded(ladder: Ladder, plan: Plan, layer_starts: np.ndarray, widths: np.ndarray) -> Plan:
    """The same drawing in rows below each other.

    A wire from the end of a row to the beginning of the next one passes between them. It turns round by itself in the
    middle between its ends; where that lies behind nodes, it is led through bends.
    """
    tops, bottoms = _reach(ladder, plan)
    bridges = {
        layer: found
        for layer in range(len(ladder.rungs) - 1)
        if not _is_fenced(ladder, layer) and (found := _bridge(ladder, layer))
    }
    height = float(np.max(bottoms) - np.min(tops)) + _APART
    ends = layer_starts + widths
    length = float(ends[-1] - layer_starts[0])
    if length <= _FITS:
        return plan
    wish = length / max(1, round(math.sqrt(length / (SHAPE * height))))
    cuts = _cuts(layer_starts, ends, list(bridges), wish)
    row = np.searchsorted(cuts, np.arange(len(ladder.rungs)))  # cut 3: layer 3 is the last of its row
    layer = np.array(ladder.layer[: ladder.nodes])
    shifts = np.zeros((len(cuts) + 1, 2))
    around: dict[int, tuple[Point, ...]] = {}
    for number, cut in enumerate(cuts, start=1):
        edge, link = bridges[cut]
        bottom = float(bottoms[row == number - 1].max()) + shifts[number - 1, 1]
        top = bottom + _APART
        shifts[number] = (layer_starts[0] - layer_starts[cut + 1], top - float(tops[row == number].min()))
        leaves = float(plan.places[link.source, 1] + shifts[number - 1, 1]) + link.leaves
        enters = float(plan.places[link.target, 1] + shifts[number, 1]) + link.enters
        if not bottom + _CLEAR <= (leaves + enters) / 2 <= top - _CLEAR:
            far = float(ends[cut] + shifts[number - 1, 0])
            around[edge] = _loop((far, leaves), (float(layer_starts[0]), enters), (bottom + top) / 2)
    bends = {
        edge: tuple((x + float(dx), y + float(dy)) for x, y in way)
        for edge, way in plan.bends.items()
        for dx, dy in [shifts[row[layer[ladder.sketch.edges[edge, 0]]]]]
    }
    return Plan(places=plan.places + shifts[row[layer]], bends=bends | around)


def _loop(start: Point, end: Point, height: float) -> tuple[Point, ...]:
    """Bends that lead a wire back at a height, from the end of one row to the beginning of the next."""
    (far, leaves), (near, enters) = start, end
    return (
        (far + _TURN, (leaves + height) / 2),
        (far, height),
        (near, height),
        (near - _TURN, (height + enters) / 2),
    )


def _reach(ladder: Ladder, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Where each layer begins and ends across, with the bends of the wires that leave it."""
    tops, bottoms = np.full(len(ladder.rungs), np.inf), np.full(len(ladder.rungs), -np.inf)
    layer = np.array(ladder.layer[: ladder.nodes])
    np.minimum.at(tops, layer, plan.places[:, 1])
    np.maximum.at(bottoms, layer, plan.places[:, 1] + ladder.sketch.sizes[:, 1])
    for edge, way in plan.bends.items():
        here = layer[ladder.sketch.edges[edge, 0]]
        tops[here] = min(tops[here], *(y for _, y in way))
        bottoms[here] = max(bottoms[here], *(y for _, y in way))
    return tops, bottoms


def _is_fenced(ladder: Ladder, layer: int) -> bool:
    """Whether a fence goes on behind a layer, and there is something outside it."""
    return any(
        first <= layer < last and len(fence.nodes) < ladder.nodes
        for (first, last), fence in zip(ladder.spans, ladder.sketch.fences, strict=True)
    )


def _bridge(ladder: Ladder, layer: int) -> tuple[int, Link] | None:
    """The one wire out of a layer, with its number, if it is the only one and leads to the next layer."""
    links = [link for item in ladder.rungs[layer] for link in ladder.out_of[item]]
    if len(links) != 1 or ladder.is_lane(links[0].source) or ladder.is_lane(links[0].target):
        return None
    edges = ladder.sketch.edges
    ends = (edges[:, 0] == links[0].source) & (edges[:, 1] == links[0].target)
    return int(np.flatnonzero(ends)[0]), links[0]


def _cuts(starts: np.ndarray, ends: np.ndarray, allowed: list[int], wish: float) -> list[int]:
    """The layers that are the last of their rows, so that rows are as long as wished, as nearly as can be.

    The least sum of the squares of what rows are too long or too short, over all ways to cut. None if one row stays
    about as long as the whole.
    """
    stops = [*allowed, len(starts) - 1]
    best: list[tuple[float, list[int]]] = []
    for number, stop in enumerate(stops):
        row = (_SHORT * wish) ** 2
        ways = [(row + float(ends[stop] - starts[0] - wish) ** 2, [stop])]
        for cost, cuts in best[:number]:
            ways.append((cost + row + float(ends[stop] - starts[cuts[-1] + 1] - wish) ** 2, [*cuts, stop]))
        best.append(min(ways, key=lambda way: way[0]))
    cuts = best[-1][1][:-1]
    longest = max(
        float(ends[last] - starts[first])
        for first, last in zip([0, *(cut + 1 for cut in cuts)], [*cuts, -1], strict=True)
    )
    return cuts if longest <= _SHORTER * float(ends[-1] - starts[0]) else []
