"""Moving dots of wires, and drawing wires out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from nodeforge.core.drawing import Point
from nodeforge.core.edits import Bend
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas.changing import dots
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.wiring import Wiring

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_CATCH_PX = 6.0


class MoveDot(Gesture):
    """Moves a dot of a wire, caught by the height or place of its neighbours (Alt moves freely).

    Args:
        canvas: Where it is drawn.
        pressed: Where it began.
        wire: The wire.
        index: Which of its bends; with `new` set, the place of one that is added where it began.
        new: Whether the dot is added.
    """

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(
        self, canvas: Canvas, pressed: Pointer, wire: Wire, index: int, *, new: bool = False
    ) -> None:
        super().__init__(canvas, pressed)
        self._wire, self._index, self._new = wire, index, new
        self._before = dots.bends_of(canvas, wire)
        self._bends = list(self._before)
        if new:
            self._bends.insert(index, dots.rounded(pressed.scene))
        self._neighbours = _neighbours(canvas, wire, self._bends, index)

    def move(self, pointer: Pointer) -> None:
        point = dots.rounded(pointer.scene)
        if not pointer.holds(Qt.KeyboardModifier.AltModifier) or self._new:
            point = self._caught(point)
        self._bends[self._index] = point
        dots.show(self.canvas, self._wire, self._bends)

    def finish(self, pointer: Pointer) -> None:
        model = self.canvas.model
        if tuple(self._bends) != self._before:
            label = "Add a dot" if self._new else "Move a dot"
            model.do(Bend(model.network, {self._wire: tuple(self._bends)}), label=label)
        self.canvas.select_wire(self._wire, self._index)

    def cancel(self) -> None:
        dots.show(self.canvas, self._wire, self._before)

    def _caught(self, point: Point) -> Point:
        caught = list(point)
        for axis in (0, 1):
            nearest = min(self._neighbours, key=lambda other: abs(other[axis] - point[axis]))[axis]
            if abs(nearest - point[axis]) <= _CATCH_PX / self.canvas.zoom:
                caught[axis] = nearest
        return (caught[0], caught[1])


def wire_from(canvas: Canvas, pressed: Pointer, wire: Wire, index: int) -> Wiring:
    """A new wire from the same output that follows a wire up to one of its dots."""
    bends = dots.bends_of(canvas, wire)[: index + 1]
    return Wiring(canvas, pressed, wire.tail, forward=True, bends=bends)


def _neighbours(canvas: Canvas, wire: Wire, bends: list[Point], index: int) -> list[Point]:
    tail = canvas.port_place(wire.tail, output=True)
    head = canvas.port_place(wire.head, output=False)
    way = [(tail.x(), tail.y()), *bends, (head.x(), head.y())]
    return [way[index], way[index + 2]]
