"""A long drawing in rows, as a text is broken into lines: cut where few wires lead on, and no fence."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from nodeforge.core.drawing import Point
from nodeforge.session.layout.clusters import drawn_around
from nodeforge.session.layout.ladder import Ladder
from nodeforge.session.layout.sketch import Plan
from nodeforge.session.layout.turning import TRACK, Between
from nodeforge.session.layout.wires import Way, full_way

SHAPE = 1.8
"""How much longer than high a folded drawing should be."""
_FITS = 1300.0
"""A drawing that is not longer is left in one row."""
_APART = 80.0
"""Between rows."""
_SHORTER = 0.75
"""Broken into rows, a drawing is as long as this share of what it was at most; else it is left in one."""
_MOST_BUNDLES = 3
"""So many lines of wires are led from one row to the next, at most."""
_TORN = 0.35
"""A row is rather too long or too short by this share of what is wished than that another line leads on from it."""
_SHORT = 0.3
"""Rows are rather too long than one more of them is shorter than about this share of what is wished."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the layers take along the way of the wires.

    Attributes:
        starts: (l,) where each begins.
        widths: (l,) how wide it is.
        before, behind: (l,) the room of the fences that begin or end with it.
    """

    starts: np.ndarray
    widths: np.ndarray
    before: np.ndarray
    behind: np.ndarray

    def at(self, point: Point) -> int:
        """The layer in which a point lies, or behind which."""
        return max(0, int(np.searchsorted(self.starts, point[0], side="right")) - 1)


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Wires that lie on one line where they leave a layer.

    Attributes:
        height: Of the line.
        edges: The numbers of the wires.
        direct: Whether it is one wire, to a node of the next layer.
    """

    height: float
    edges: tuple[int, ...]
    direct: bool


def folded(ladder: Ladder, plan: Plan, heights: list[float], columns: Columns) -> Plan:
    """The same drawing in rows below each other.

    Wires from one row to the next pass between the rows. A single one turns round by itself in the middle between its
    ends, if nothing is there; all others are led through bends.

    Args:
        ladder: The layers.
        plan: The drawing in one row.
        heights: Where each item begins across.
        columns: Where the layers are along.
    """
    begins, ends = columns.starts - columns.before, columns.starts + columns.widths + columns.behind
    length = float(ends[-1] - begins[0])
    if length <= _FITS:
        return plan
    tops, bottoms = _reach(ladder, plan, columns)
    bundles = {
        layer: found
        for layer in range(len(ladder.rungs) - 1)
        if not _is_fenced(ladder, layer)
        and len(found := _bundles(ladder, plan, heights, layer)) <= _MOST_BUNDLES
    }
    height = float(np.max(bottoms) - np.min(tops)) + _APART
    wish = length / max(1, round(math.sqrt(length / (SHAPE * height))))
    torn = {layer: sum(1.0 - 0.5 * each.direct for each in found) for layer, found in bundles.items()}
    cuts = _cuts(begins, ends, torn, wish)
    row = np.searchsorted(cuts, np.arange(len(ladder.rungs)))  # cut 3: layer 3 is the last of its row
    shifts = np.zeros((len(cuts) + 1, 2))
    turns: dict[tuple[int, int], Way] = {}
    for number, cut in enumerate(cuts, start=1):
        bottom = float(bottoms[row == number - 1].max()) + shifts[number - 1, 1]
        top = bottom + _APART + TRACK * (len(bundles[cut]) - 1)
        shifts[number] = (begins[0] - begins[cut + 1], top - float(tops[row == number].min()))
        far = float(ends[cut] + shifts[number - 1, 0])
        between = Between(far=far, near=float(begins[0]), bottom=bottom, top=top)
        framed = bool(columns.behind[cut] or columns.before[cut + 1])
        moved = (float(shifts[number - 1, 1]), float(shifts[number, 1]))
        for edge, way in _led_on(ladder, plan, bundles[cut], between, moved, framed=framed):
            turns[edge, number - 1] = way
    bends: dict[int, tuple[Point, ...]] = {}
    for edge, parts in _parts(ladder, plan, heights, columns, row):
        points: Way = []
        for number, part in parts.items():
            points += [(x + float(shifts[number, 0]), y + float(shifts[number, 1])) for x, y in part]
            points += turns.get((edge, number), [])
        if points:
            bends[edge] = tuple(points)
    return Plan(places=plan.places + shifts[row[ladder.layer[: ladder.nodes]]], bends=bends)


def _led_on(
    ladder: Ladder,
    plan: Plan,
    bundles: list[_Bundle],
    between: Between,
    shifts: tuple[float, float],
    *,
    framed: bool,
) -> Iterator[tuple[int, Way]]:
    """The bends of each wire from one row to the next.

    Args:
        ladder: The layers.
        plan: The drawing in one row.
        bundles: The wires.
        between: The room between the rows.
        shifts: How far the two rows are moved across.
        framed: Whether a fence ends with the first row, or one begins with the second.
    """
    past, now = shifts
    for place, bundle in enumerate(bundles):
        if bundle.direct and not framed and len(bundles) == 1:
            (edge,) = bundle.edges
            target = ladder.sketch.edges[edge, 1]
            enters = float(plan.places[target, 1] + ladder.sketch.ports[edge, 3])
            yield edge, between.turn(bundle.height + past, enters + now)
        else:
            way = between.way(bundle.height + past, bundle.height + now, place, len(bundles))
            for edge in bundle.edges:
                yield edge, way


def _reach(ladder: Ladder, plan: Plan, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    """Where each layer begins and ends across, with the bends and the fences there."""
    tops, bottoms = np.full(len(ladder.rungs), np.inf), np.full(len(ladder.rungs), -np.inf)
    layer = ladder.layer[: ladder.nodes]
    np.minimum.at(tops, layer, plan.places[:, 1])
    np.maximum.at(bottoms, layer, plan.places[:, 1] + ladder.sketch.sizes[:, 1])
    for point in (point for way in plan.bends.values() for point in way):
        here = columns.at(point)
        tops[here], bottoms[here] = min(tops[here], point[1]), max(bottoms[here], point[1])
    areas = drawn_around(ladder.sketch, plan.places, plan.bends)
    for fence, (first, last), area in zip(ladder.sketch.fences, ladder.spans, areas, strict=True):
        within = slice(first, last + 1)
        tops[within] = np.minimum(tops[within], area[1] - fence.outside[1])
        bottoms[within] = np.maximum(bottoms[within], area[3] + fence.outside[3])
    return tops, bottoms


def _is_fenced(ladder: Ladder, layer: int) -> bool:
    """Whether a fence goes on behind a layer, and there is something outside it."""
    return any(
        first <= layer < last and len(fence.nodes) < ladder.nodes
        for (first, last), fence in zip(ladder.spans, ladder.sketch.fences, strict=True)
    )


def _bundles(ladder: Ladder, plan: Plan, heights: list[float], layer: int) -> list[_Bundle]:
    """The wires that go on behind a layer, from above."""
    sketch = ladder.sketch
    found: dict[tuple[float, int], list[int]] = defaultdict(list)
    for edge, (source, target) in enumerate(sketch.edges.tolist()):
        first, last = ladder.layer[source], ladder.layer[target]
        if first == layer < last:
            found[float(plan.places[source, 1] + sketch.ports[edge, 1]), source].append(edge)
        elif first < layer < last:
            lane = ladder.routes[edge][layer - first - 1]
            found[heights[lane], lane].append(edge)
    return [
        _Bundle(height, tuple(edges), len(edges) == 1 and edges[0] not in ladder.routes)
        for (height, _), edges in sorted(found.items())
    ]


def _parts(
    ladder: Ladder, plan: Plan, heights: list[float], columns: Columns, row: np.ndarray
) -> Iterator[tuple[int, dict[int, Way]]]:
    """The bends of each wire by the row in which they lie, from its first row to its last.

    A wire over a cut keeps the bends of all its lanes: what shortens it in one row would not do so in two.
    """
    edges = ladder.sketch.edges
    ends = np.concatenate((plan.places[edges[:, 0]], plan.places[edges[:, 1]]), axis=1) + ladder.sketch.ports
    for edge, (source, target) in enumerate(edges.tolist()):
        rows = range(int(row[ladder.layer[source]]), int(row[ladder.layer[target]]) + 1)
        way = list(plan.bends.get(edge, ()))
        if len(rows) > 1:
            way = full_way(ladder, edge, ends[edge].tolist(), heights, columns.starts, columns.widths)
        yield edge, {number: [point for point in way if row[columns.at(point)] == number] for number in rows}


def _cuts(starts: np.ndarray, ends: np.ndarray, torn: Mapping[int, float], wish: float) -> list[int]:
    """The layers that are the last of their rows, so that rows are as long as wished, as nearly as can be.

    The least sum of the squares of what rows are too long or too short, over all ways to cut. None if one row stays
    about as long as the whole.

    Args:
        starts, ends: Of the layers.
        torn: By layer that can be the last of a row, how many lines lead on from it.
        wish: How long rows shall be.
    """
    stops = [*torn, len(starts) - 1]
    best: list[tuple[float, list[int]]] = []
    for number, stop in enumerate(stops):
        row = (_SHORT * wish) ** 2 + torn.get(stop, 0.0) * (_TORN * wish) ** 2
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
