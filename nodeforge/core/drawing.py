"""What a person adds to the drawing of a network that means nothing to the program: frames, routes, bookmarks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nodeforge.core.errors import EditError
from nodeforge.core.parameters import is_identifier

if TYPE_CHECKING:
    from nodeforge.core.graph import Wire

Point = tuple[float, float]
"""In canvas units (px at 100 %)."""

COLORS = ("grey", "blue", "teal", "green", "yellow", "orange", "red", "violet")
"""What a frame may be tinted with; each theme has its own shade of them."""

BOOKMARK_KEYS = "123456789"
"""Bookmarks with these names have keys."""

DIRECTIONS = ("right", "down")
"""Which way the wires run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An area behind the nodes. With nodes in it, it says what they are together; with a text alone, it is a note.

    Attributes:
        area: Left, top, width and height, in canvas units.
        title: Written over its top edge.
        text: Written inside, as Markdown.
        color: One of `COLORS`.
    """

    area: tuple[float, float, float, float]
    title: str = ""
    text: str = ""
    color: str = "grey"

    def holds(self, point: Point) -> bool:
        """Whether a point lies within."""
        left, top, width, height = self.area
        return left <= point[0] <= left + width and top <= point[1] <= top + height

    def moved(self, dx: float, dy: float) -> Frame:
        """The same frame elsewhere."""
        left, top, width, height = self.area
        return replace(self, area=(left + dx, top + dy, width, height))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """A place to come back to.

    Attributes:
        centre: What is in the middle of the view, in canvas units.
        zoom: Pixels for each canvas unit.
        title: What lies there, in a person's words.
    """

    centre: Point
    zoom: float = 1.0
    title: str = ""


@dataclass(slots=True)
class Drawing:
    """What belongs to the drawing of one network beside the places of its nodes.

    Attributes:
        direction: One of `DIRECTIONS`.
        frames: By name, the lowest first.
        bends: Points that a wire goes through, from its source to its target; most wires have none.
        bookmarks: By name; "1" to "9" have keys.
        collapsed: Nodes drawn as small as can be.
    """

    direction: str = "right"
    frames: dict[str, Frame] = field(default_factory=dict)
    bends: dict[Wire, tuple[Point, ...]] = field(default_factory=dict)
    bookmarks: dict[str, Bookmark] = field(default_factory=dict)
    collapsed: set[str] = field(default_factory=set)

    def copy(self) -> Drawing:
        """An independent copy."""
        return Drawing(
            self.direction, dict(self.frames), dict(self.bends), dict(self.bookmarks), set(self.collapsed)
        )

    def free_frame(self) -> str:
        """A name that no frame has yet."""
        number = 1
        while f"frame{number}" in self.frames:
            number += 1
        return f"frame{number}"


def place(what: str, at: Point) -> Point:
    """Where something lies, as numbers that a graph keeps.

    Raises:
        EditError: It can lie nowhere.
    """
    x, y = at
    if not (math.isfinite(x) and math.isfinite(y)):
        raise EditError(f"The place of {what} must be two finite numbers, not {x} and {y}.")
    return float(x), float(y)


def way(wire: Wire, bends: Iterable[Point]) -> tuple[Point, ...]:
    """The bends of a wire, as numbers that a graph keeps.

    Raises:
        EditError: One can lie nowhere.
    """
    return tuple(place(f"a bend of {wire}", bend) for bend in bends)


def shifted(bends: Iterable[Point], way: Point) -> tuple[Point, ...]:
    """Points as far away as `way` is long."""
    return tuple((x + way[0], y + way[1]) for x, y in bends)


def check_frame(name: str, frame: Frame) -> None:
    """Refuse a frame that cannot be drawn.

    Raises:
        EditError: Its name, size or colour is at fault.
    """
    if not is_identifier(name):
        raise EditError(f"{name!r} cannot name a frame: use letters, digits and _, starting with a letter.")
    if frame.color not in COLORS:
        raise EditError(f"Frame {name} has the colour {frame.color!r}; choose one of {', '.join(COLORS)}.")
    place(name, frame.area[:2])
    if not (math.inf > frame.area[2] > 0 and math.inf > frame.area[3] > 0):
        raise EditError(f"Frame {name} needs a width and a height above 0.")
