"""Frames while a network is arranged: those that hold nodes keep them, the others go along and cover nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import dist

import numpy as np

from nodeforge.analysis.placement import HEIGHT, WIDTH
from nodeforge.core.drawing import Frame, Point
from nodeforge.core.graph import Graph, Wire
from nodeforge.session import framing
from nodeforge.session.layout import Fence, Sketch, held, parents

TITLE_ROOM = 32.0
"""Above a frame, for its title."""
_MARGINS = (20.0, 80.0)
"""At least and at most so much room is kept between a frame and what it holds."""
_CLEAR = 16.0
"""How far what holds no node keeps from nodes."""

Area = tuple[float, float, float, float]
"""Left, top, width and height."""
Size = tuple[float, float]


def fences_of(graph: Graph, sketch: Sketch, nodes: Sequence[str], wires: Sequence[Wire]) -> dict[str, Fence]:
    """The frames that are arranged with their nodes, those within others first.

    Where two frames share some nodes only, those stay in the smaller one. A frame is left out when some of its nodes
    are not to be arranged.

    Args:
        graph: The network.
        sketch: Its nodes and wires as numbers.
        nodes, wires: What the numbers stand for.
    """
    number = {name: i for i, name in enumerate(nodes)}
    members: dict[str, frozenset[int]] = {}
    for name, frame in sorted(graph.drawing.frames.items(), key=lambda item: _size(item[1])):
        inside = framing.nodes_within(graph, frame)
        mine = {number[node] for node in inside if node in number}
        for other in members.values():
            if not other <= mine:
                mine -= other
        if mine and inside <= number.keys():
            members[name] = frozenset(mine)
    found = [Fence(nodes=inside) for inside in members.values()]
    around = parents(found)
    areas = [np.array(_corners(graph.drawing.frames[name].area)) for name in members]
    places = np.array([graph.nodes[name].position for name in nodes], float).reshape(-1, 2)
    bends = {i: graph.drawing.bends[wire] for i, wire in enumerate(wires) if wire in graph.drawing.bends}
    fences = {}
    for place, (name, fence) in enumerate(zip(members, found, strict=True)):
        inner = [area for area, outer in zip(areas, around, strict=True) if outer == place]
        content = held(sketch, fence, inner, places, bends)
        fences[name] = replace(
            fence,
            margins=_margins(graph, name, content),
            outside=(0.0, TITLE_ROOM if graph.drawing.frames[name].title else 0.0, 0.0, 0.0),
        )
    return fences


def _size(frame: Frame) -> float:
    return frame.area[2] * frame.area[3]


def _corners(area: Area) -> Area:
    left, top, width, height = area
    return left, top, left + width, top + height


def _margins(graph: Graph, name: str, content: np.ndarray) -> tuple[float, ...]:
    """Room between a frame and what it holds; more than usual only where a text or a note stands in it."""
    frames = graph.drawing.frames
    left, top, right, bottom = _corners(frames[name].area)
    rooms = (content[0] - left, content[1] - top, right - content[2], bottom - content[3])
    wide = [bool(frames[name].text) and side == 1 for side in range(4)]
    for note in framing.frames_within(frames, name):
        x0, y0, x1, y1 = _corners(frames[note].area)
        beyond = (x1 <= content[0], y1 <= content[1], x0 >= content[2], y0 >= content[3])
        wide = [one or two for one, two in zip(wide, beyond, strict=True)]
    least, most = _MARGINS
    return tuple(
        float(max(least, room if free else min(room, most))) for room, free in zip(rooms, wide, strict=True)
    )


def frames_after(
    graph: Graph,
    places: Mapping[str, Point],
    sizes: Mapping[str, Size],
    areas: Mapping[str, Area],
) -> dict[str, Frame]:
    """The frames of a network some of whose nodes were arranged.

    A frame that was arranged has its area. One that holds other nodes, too, stays as far around its nodes as it was.
    One without nodes goes with the frame in whose margin it stands, or else with the nearest node, and then out of
    the way of all nodes and, if it stands in none, of frames.

    Args:
        graph: The network as it was.
        places: Where the nodes stand that were arranged.
        sizes: Of those.
        areas: Of the frames that were arranged.
    """
    past = {name: (*node.position, *sizes.get(name, (WIDTH, HEIGHT))) for name, node in graph.nodes.items()}
    now = {name: (*places.get(name, box[:2]), *box[2:]) for name, box in past.items()}
    frames, found, loose = graph.drawing.frames, {}, []
    for name, frame in frames.items():
        inside = framing.nodes_within(graph, frame)
        if name in areas:
            found[name] = replace(frame, area=areas[name])
        elif inside & places.keys():
            before, after = (
                np.array(_corners(framing.around(boxes[n] for n in inside))) for boxes in (past, now)
            )
            found[name] = replace(frame, area=_area(np.array(_corners(frame.area)) + after - before))
        else:
            found[name] = frame
            if not inside and places:
                loose.append(name)
    for name in loose:
        home = _home(frames, name, areas)
        dx, dy = (
            _way_in(frames[name].area, frames[home].area, areas[home]) if home else _way(graph, name, places)
        )
        if dx or dy:
            others = [] if home else [_with_title(found[each]) for each in frames if each not in loose]
            moved = found[name].moved(dx, dy)
            found[name] = moved.moved(0.0, clearance(moved.area, [*now.values(), *others]))
    return {name: found[name] for name in frames}


def swallows(areas: Iterable[Area], boxes: Sequence[Area]) -> bool:
    """Whether one of some areas and one of some boxes meet."""
    return any(
        x < left + width and left < x + wide and y < top + height and top < y + tall
        for left, top, width, height in areas
        for x, y, wide, tall in boxes
    )


def clearance(area: Area, boxes: Iterable[Area]) -> float:
    """How far an area must go down, or up where it is negative, to lie clear of boxes."""
    left, top, width, height = area
    near = [
        (y - _CLEAR - height, y + tall + _CLEAR)
        for x, y, wide, tall in boxes
        if x < left + width + _CLEAR and left - _CLEAR < x + wide
    ]
    tops = [top, *(edge for pair in near for edge in pair)]
    free = [each for each in tops if not any(low < each < high for low, high in near)]
    return min(free, key=lambda each: abs(each - top)) - top


def _area(corners: np.ndarray) -> Area:
    left, top, right, bottom = corners.tolist()
    return left, top, right - left, bottom - top


def _with_title(frame: Frame) -> Area:
    left, top, width, height = frame.area
    room = TITLE_ROOM if frame.title else 0.0
    return left, top - room, width, height + room


def _home(frames: Mapping[str, Frame], name: str, areas: Iterable[str]) -> str:
    """The smallest of some frames around another one; "" if there is none."""
    around = [each for each in areas if name in framing.frames_within(frames, each)]
    return min(around, key=lambda each: _size(frames[each]), default="")


def _way_in(area: Area, past: Area, now: Area) -> Point:
    """How far something goes with the edges of a frame that are nearer to it, so that it stays in its margin."""
    ways = []
    for axis in (0, 1):
        before, behind = area[axis] - past[axis], past[axis] + past[axis + 2] - area[axis] - area[axis + 2]
        far = before > behind
        ways.append(now[axis] - past[axis] + (now[axis + 2] - past[axis + 2]) * far)
    return ways[0], ways[1]


def _way(graph: Graph, name: str, places: Mapping[str, Point]) -> Point:
    """How far the node nearest to a frame goes."""
    left, top, width, height = graph.drawing.frames[name].area
    middle = left + width / 2, top + height / 2
    near = min(graph.nodes.values(), key=lambda node: dist(node.position, middle))
    x, y = places.get(near.name, near.position)
    return x - near.position[0], y - near.position[1]
