"""The whole of it: layers, order, places, bends; pieces that no wire joins are laid out by themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from nodeforge.core.drawing import Point
from nodeforge.session.layout.clusters import drawn_around, parents
from nodeforge.session.layout.coordinates import Gaps, across
from nodeforge.session.layout.folding import Columns, folded
from nodeforge.session.layout.ladder import Ladder, ladder_of
from nodeforge.session.layout.ordering import order
from nodeforge.session.layout.packing import joined, packed
from nodeforge.session.layout.sketch import Plan, Sketch, turned_points
from nodeforge.session.layout.wires import bends

GAPS = {
    "right": Gaps(nodes=44.0, node_lane=30.0, lanes=18.0),
    "down": Gaps(nodes=60.0, node_lane=46.0, lanes=20.0),
}
BETWEEN_LAYERS = {"right": 80.0, "down": 64.0}
_MOST_BETWEEN = 90.0
"""So much further layers stand apart, at most, where wires between them rise steeply."""
_STEEP = 0.12
"""Of the highest rise between two layers, how much of it they stand further apart."""
_BETWEEN_FENCES = 40.0
"""Along the wires, between a fence and what lies before or behind it."""
GRID = 10.0


class CancelledError(Exception):
    """The layout is not wanted any more."""


def arrange(sketch: Sketch, wanted: Callable[[], bool] = lambda: True) -> Plan:
    """Lay a drawing out.

    The same sketch gives the same plan. As a whole the drawing stays where it is: at least one node, and after a
    small edit most of them, keep their places.

    Args:
        sketch: The drawing.
        wanted: Asked now and then whether to go on.

    Raises:
        CancelledError: It is not wanted any more.
    """

    def pause() -> None:
        if not wanted():
            raise CancelledError

    if not len(sketch.sizes):
        return Plan(places=np.empty((0, 2)))
    if sketch.direction == "down":
        plan = _arrange(sketch.turned(), "down", pause)
        return Plan(
            places=plan.places[:, ::-1],
            bends={edge: turned_points(points) for edge, points in plan.bends.items()},
            areas=plan.areas[:, [1, 0, 3, 2]],
        )
    return _arrange(sketch, "right", pause)


def _arrange(sketch: Sketch, direction: str, pause: Callable[[], None]) -> Plan:
    pieces = joined(len(sketch.sizes), sketch.edges, sketch.fences)
    plans = []
    for nodes, edges in pieces:
        plans.append(_arrange_piece(sketch.part(nodes, edges), direction, pause))
    corners = packed(
        [_extent(plan, sketch.sizes[nodes]) for plan, (nodes, _) in zip(plans, pieces, strict=True)]
    )
    places = np.zeros_like(sketch.places, dtype=float)
    found: dict[int, tuple[Point, ...]] = {}
    for plan, (nodes, edges), corner in zip(plans, pieces, corners, strict=True):
        places[nodes] = plan.places + corner
        for edge, points in plan.bends.items():
            found[int(edges[edge])] = tuple((x + corner[0], y + corner[1]) for x, y in points)
    shift = np.round(np.median(sketch.places - places, axis=0) / GRID) * GRID
    places += shift
    ways = {
        edge: tuple((float(x + shift[0]), float(y + shift[1])) for x, y in points)
        for edge, points in found.items()
    }
    return Plan(places=places, bends=ways, areas=drawn_around(sketch, places, ways))


def _extent(plan: Plan, sizes: np.ndarray) -> np.ndarray:
    """(4,): left, top, right and bottom of a plan, bends and fences included."""
    bends = [np.array(points) for points in plan.bends.values()]
    points = np.concatenate((plan.places, plan.places + sizes, *bends, plan.areas.reshape(-1, 2)))
    return np.concatenate((points.min(axis=0), points.max(axis=0)))


def _arrange_piece(sketch: Sketch, direction: str, pause: Callable[[], None]) -> Plan:
    ladder = ladder_of(sketch)
    order(ladder, pause)
    starts = [float(round(start)) for start in across(ladder, GAPS[direction], pause)]
    columns = _columns(ladder, starts, BETWEEN_LAYERS[direction])
    layer = np.array(ladder.layer[: ladder.nodes])
    along = columns.starts[layer] + (columns.widths[layer] - sketch.sizes[:, 0]) / 2
    places = np.stack((along, starts[: ladder.nodes]), axis=1)
    plan = Plan(places=places, bends=bends(ladder, places, starts, columns.starts, columns.widths))
    if sketch.rows:
        plan = folded(ladder, plan, starts, columns)
    return replace(plan, areas=drawn_around(sketch, plan.places, plan.bends))


def _columns(ladder: Ladder, starts: list[float], gap: float) -> Columns:
    """Where the layers are along the way of the wires."""
    widths = np.zeros(len(ladder.rungs))
    rises = np.zeros(len(ladder.rungs))
    for layer, rung in enumerate(ladder.rungs):
        widths[layer] = max(
            (ladder.sketch.sizes[item, 0] for item in rung if ladder.is_node(item)), default=0
        )
        for item in rung:
            for link in ladder.out_of[item]:
                rise = starts[item] + link.leaves - starts[link.target] - link.enters
                rises[layer] = max(rises[layer], abs(rise))
    gaps = gap + np.round(np.minimum(rises * _STEEP, _MOST_BETWEEN) / GRID) * GRID
    before, behind = _fence_room(ladder, 0), _fence_room(ladder, 2)
    rooms = behind[:-1] + before[1:]
    gaps[:-1] = np.maximum(gaps[:-1], np.where(rooms > 0, rooms + _BETWEEN_FENCES, 0.0))
    return Columns(np.concatenate(([0.0], np.cumsum(widths + gaps)[:-1])), widths, before, behind)


def _fence_room(ladder: Ladder, side: int) -> np.ndarray:
    """(l,): how much room fences need before each layer where they begin (side 0), or behind it where they end (2)."""
    fences, around = ladder.sketch.fences, parents(ladder.sketch.fences)
    rooms, inside = np.zeros(len(ladder.rungs)), [0.0] * len(fences)
    for number, fence in enumerate(fences):
        layer = ladder.spans[number][side // 2]
        room = fence.margins[side] + fence.outside[side] + inside[number]
        rooms[layer] = max(rooms[layer], room)
        outer = around[number]
        if outer >= 0 and ladder.spans[outer][side // 2] == layer:
            inside[outer] = max(inside[outer], room)
    return rooms
