"""What lies under the pointer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.mirror import Mirror, State


class Part(Enum):
    """The kinds of things that can be hit."""

    NOTHING = auto()
    NODE = auto()
    TITLE = auto()
    BADGE = auto()
    INPUT = auto()
    OUTPUT = auto()
    WIRE = auto()
    DOT = auto()
    FRAME = auto()


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing under the pointer.

    Attributes:
        part: What it is.
        node: The node it belongs to; "" for wires and nothing.
        port: The port, for INPUT and OUTPUT.
        wire: The wire, for WIRE and DOT.
        near: "tail" or "head" when the pointer is near that end of the wire, else "".
        index: Which of the wire's bends, for DOT.
        frame: The frame, for FRAME.
        edges: The edges of the frame that the pointer is on, as "left", "top right"; "" on its title or its inside.
    """

    part: Part = Part.NOTHING
    node: str = ""
    port: str = ""
    wire: Wire | None = None
    near: str = ""
    index: int = -1
    frame: str = ""
    edges: str = ""

    @property
    def on_node(self) -> bool:
        return self.part in (Part.NODE, Part.TITLE, Part.BADGE)

    @property
    def on_port(self) -> bool:
        return self.part in (Part.INPUT, Part.OUTPUT)


NOTHING = Hit()


def hit(mirror: Mirror, x: float, y: float, zoom: float) -> Hit:
    """The topmost thing at a point: a badge or port first, then a node, then a wire."""
    rects = mirror.rects
    reach = style.PORT_REACH
    near = np.flatnonzero(
        (rects[:, 0] - reach <= x)
        & (rects[:, 1] - reach <= y)
        & (rects[:, 0] + rects[:, 2] + reach >= x)
        & (rects[:, 1] + rects[:, 3] + reach >= y)
    )
    for slot in near[np.argsort(-mirror.stack[near], kind="stable")].tolist():
        found = _hit_node(mirror, slot, x, y, zoom)
        if found is not None:
            return found
    return hit_wire(mirror, x, y, zoom)


def _hit_node(mirror: Mirror, slot: int, x: float, y: float, zoom: float) -> Hit | None:
    name = mirror.nodes.keys[slot]
    assert name is not None
    left, top, width, height = mirror.rects[slot].tolist()
    dx, dy = x - left, y - top
    marked = mirror.states[slot] & np.uint8(State.ERROR | State.WARNING)
    aside, below = style.BADGE_INSET
    if marked and (dx - width + aside) ** 2 + (dy - below) ** 2 <= (style.BADGE_RADIUS + 2) ** 2:
        return Hit(Part.BADGE, name)
    anatomy = mirror.anatomy(name)
    if zoom >= style.FLAT_BELOW:
        for part, ports in ((Part.INPUT, anatomy.inputs), (Part.OUTPUT, anatomy.outputs)):
            gaps = {port: (dx - at_x) ** 2 + (dy - at_y) ** 2 for port, (at_x, at_y) in ports.items()}
            nearest = min(gaps, key=gaps.__getitem__, default=None)
            if nearest is not None and gaps[nearest] <= style.PORT_REACH**2:
                return Hit(part, name, nearest)
    if 0 <= dx <= width and 0 <= dy <= height:
        strip = style.SMALL_STRIP if anatomy.small else style.STRIP
        in_title = dx >= strip and anatomy.head <= dy <= anatomy.head + style.NODE_HEIGHT / 2
        return Hit(Part.TITLE if in_title else Part.NODE, name)
    return None


def hit_wire(mirror: Mirror, x: float, y: float, zoom: float) -> Hit:
    """The wire at a point, or one of its bends, whatever node lies over it."""
    reach = style.WIRE_REACH / zoom
    dot = _hit_dot(mirror, x, y, reach) if zoom >= style.DOTS_FROM else NOTHING
    if dot.wire is not None:
        return dot
    courses = mirror.courses
    near = courses.legs.of(courses.within(x - reach, y - reach, x + reach, y + reach))
    if not len(near.wires):
        return NOTHING
    gaps = routing.distance(near, x, y)
    best = int(np.argmin(gaps))
    if gaps[best] > reach:
        return NOTHING
    slot = int(near.wires[best])
    x0, y0, x1, y1 = mirror.wire_ends(np.array([slot]))[0].tolist()
    to_tail, to_head = np.hypot(x - x0, y - y0), np.hypot(x - x1, y - y1)
    limit = min(36.0, 0.33 * np.hypot(x1 - x0, y1 - y0))
    end = "head" if to_head <= limit else "tail" if to_tail <= limit else ""
    return Hit(Part.WIRE, wire=mirror.wires.keys[slot], near=end)


def _hit_dot(mirror: Mirror, x: float, y: float, reach: float) -> Hit:
    ways = mirror.ways
    if not len(ways.points):
        return NOTHING
    gaps = np.hypot(ways.points[:, 0] - x, ways.points[:, 1] - y)
    best = int(np.argmin(gaps))
    slot = int(ways.owners()[best])
    if gaps[best] > reach or np.isnan(mirror.offsets[slot, 0]):
        return NOTHING
    return Hit(Part.DOT, wire=mirror.wires.keys[slot], index=best - int(ways.counts[:slot].sum()))
