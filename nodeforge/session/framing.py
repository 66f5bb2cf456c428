"""Frames and what lies in them: the edits that draw, move, copy and remove them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nodeforge.analysis.placement import HEIGHT, WIDTH
from nodeforge.core.drawing import Frame, Point
from nodeforge.core.edits import Batch, Bend, Edit, MoveNodes, SetFrames
from nodeforge.core.graph import Graph, Wire

MARGIN = 30.0
"""Room between a frame and what it is drawn around."""
DEFAULT_SIZE = (360.0, 220.0)
NOTE_SIZE = (240.0, 130.0)
LEAST = 40.0
"""No side of a frame is drawn shorter."""


def middle(graph: Graph, name: str) -> Point:
    """The point of a node that must lie in a frame for the node to belong there."""
    x, y = graph.nodes[name].position
    share = 4 if name in graph.drawing.collapsed else 2
    return (x + WIDTH / share, y + HEIGHT / share)


def nodes_within(graph: Graph, frame: Frame) -> set[str]:
    """Names of the nodes that belong to a frame: those whose middle lies in it."""
    return {name for name in graph.nodes if frame.holds(middle(graph, name))}


def frames_within(frames: Mapping[str, Frame], name: str) -> set[str]:
    """Names of the other frames that lie wholly in one."""
    outer = frames[name]
    return {each for each, frame in frames.items() if each != name and _covers(outer, frame)}


def frames_around(graph: Graph, names: Collection[str]) -> dict[str, Frame]:
    """The frames that hold some of these nodes and no others: they come along when the nodes do."""
    found = {}
    for name, frame in graph.drawing.frames.items():
        inside = nodes_within(graph, frame)
        if inside and inside <= set(names):
            found[name] = frame
    return found


def is_note(graph: Graph, frame: Frame) -> bool:
    """Whether a frame is a text for itself: no node lies in it."""
    return bool(frame.text) and not any(frame.holds(middle(graph, name)) for name in graph.nodes)


def _covers(outer: Frame, inner: Frame) -> bool:
    left, top, width, height = inner.area
    return outer.holds((left, top)) and outer.holds((left + width, top + height)) and outer.area != inner.area


# Carrying ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """What moves together.

    Attributes:
        nodes: Names of nodes.
        frames: Names of frames.
        bends: The places among the bends of each wire that come along.
    """

    nodes: frozenset[str]
    frames: frozenset[str]
    bends: Mapping[Wire, frozenset[int]]


def load(graph: Graph, names: Collection[str], frames: Collection[str], *, alone: bool = False) -> Load:
    """What comes along when nodes and frames are moved.

    Frames carry the nodes and frames in them, unless they are moved alone. A bend comes along when it lies in one of
    the frames, or when both ends of its wire do.
    """
    drawing = graph.drawing
    carriers = set(frames)
    if not alone:
        carriers = carriers.union(*(frames_within(drawing.frames, name) for name in frames))
    areas = [] if alone else [drawing.frames[name] for name in carriers]
    nodes = set(names).union(*(nodes_within(graph, frame) for frame in areas))
    bends = {}
    for wire, points in drawing.bends.items():
        whole = wire.source in nodes and wire.target in nodes
        taken = frozenset(
            place for place, point in enumerate(points) if whole or any(frame.holds(point) for frame in areas)
        )
        if taken:
            bends[wire] = taken
    return Load(frozenset(nodes), frozenset(carriers), bends)


def moved(graph: Graph, carried: Load, dx: float, dy: float) -> Batch:
    """All of a load elsewhere, as one edit."""
    edits: list[Edit] = []
    if carried.nodes:
        places = {name: graph.nodes[name].position for name in sorted(carried.nodes)}
        edits.append(MoveNodes(graph.name, {name: (x + dx, y + dy) for name, (x, y) in places.items()}))
    if carried.frames:
        edits.append(SetFrames(graph.name, moved_frames(graph.drawing.frames, carried.frames, dx, dy)))
    if carried.bends:
        edits.append(Bend(graph.name, moved_bends(graph, carried, dx, dy)))
    return Batch(tuple(edits), _moving(graph, carried))


def moved_frames(
    frames: Mapping[str, Frame], names: Collection[str], dx: float, dy: float
) -> dict[str, Frame]:
    """All frames, some of them elsewhere."""
    return {name: frame.moved(dx, dy) if name in names else frame for name, frame in frames.items()}


def moved_bends(graph: Graph, carried: Load, dx: float, dy: float) -> dict[Wire, tuple[Point, ...]]:
    """The ways of the wires of which bends come along."""
    return {
        wire: tuple(
            (x + dx, y + dy) if place in taken else (x, y)
            for place, (x, y) in enumerate(graph.drawing.bends[wire])
        )
        for wire, taken in carried.bends.items()
    }


def _moving(graph: Graph, carried: Load) -> str:
    if not carried.frames:
        return "Move"
    if len(carried.frames) > 1:
        return f"Move {len(carried.frames)} frames"
    return f"Move {called(graph.drawing.frames[min(carried.frames)])}"


def called(frame: Frame) -> str:
    """What a frame is called in menus and undo steps."""
    return f"frame {frame.title}" if frame.title else "note" if frame.text else "frame"


# Copying -------------------------------------------------------------------------------------------------


def copied(graph: Graph, names: Collection[str], frames: Collection[str]) -> dict[str, Frame]:
    """The frames that are copied with nodes: those that are named, and those that hold nothing but such nodes."""
    around_them = frames_around(graph, names)
    return {
        name: frame for name, frame in graph.drawing.frames.items() if name in frames or name in around_them
    }


def pasted(graph: Graph, frames: Mapping[str, Frame], way: Point) -> SetFrames:
    """Other frames added above those of a graph, as far away as `way` is long, under names that are free."""
    drawing = graph.drawing.copy()
    for frame in frames.values():
        drawing.frames[drawing.free_frame()] = frame.moved(*way)
    return SetFrames(graph.name, drawing.frames)


# Drawing and removing ------------------------------------------------------------------------------------


def added(graph: Graph, frame: Frame, *, below: bool = True) -> tuple[str, SetFrames]:
    """A new frame, below all others or above them; its name and the edit that adds it."""
    name, frames = graph.drawing.free_frame(), graph.drawing.frames
    return name, SetFrames(graph.name, {name: frame, **frames} if below else {**frames, name: frame})


def around(areas: Iterable[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """The area of a frame around others: left, top, width and height."""
    boxes = list(areas)
    left = min(box[0] for box in boxes) - MARGIN
    top = min(box[1] for box in boxes) - MARGIN
    right = max(box[0] + box[2] for box in boxes) + MARGIN
    bottom = max(box[1] + box[3] for box in boxes) + MARGIN
    return (left, top, right - left, bottom - top)


def changed(graph: Graph, frames: Mapping[str, Frame]) -> SetFrames:
    """Some frames otherwise than they are; their order stays."""
    return SetFrames(graph.name, {**graph.drawing.frames, **frames})


def raised(graph: Graph, names: Collection[str], *, front: bool) -> SetFrames:
    """Some frames above, or below, all others."""
    frames = graph.drawing.frames
    mine = {name: frame for name, frame in frames.items() if name in names}
    rest = {name: frame for name, frame in frames.items() if name not in names}
    return SetFrames(graph.name, {**rest, **mine} if front else {**mine, **rest})


def removal(graph: Graph, frames: Collection[str], others: Batch | None = None) -> Batch:
    """Without some frames, and without what else an edit removes."""
    rest = {name: frame for name, frame in graph.drawing.frames.items() if name not in frames}
    what = f"{len(frames)} frames" if len(frames) > 1 else called(graph.drawing.frames[min(frames)])
    edits = (*others.edits, SetFrames(graph.name, rest)) if others else (SetFrames(graph.name, rest),)
    return Batch(edits, f"Delete {what} and what was selected" if others else f"Delete {what}")
