"""Cutting wires with a stroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt

from nodeforge.core.edits import Batch, Disconnect
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.gestures.sketch import Sketch, course_of

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_STEPS = 16


class Cut(Gesture):
    """Takes out every wire that the stroke crosses; they are stressed as soon as it has crossed them."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        self._stroke = [pressed.scene.toTuple()]
        self._crossed: dict[Wire, None] = {}
        color = canvas.palette_colors.error
        self._wires = Sketch(canvas, color, 3.5)
        self._line = Sketch(canvas, color, 1.5, dashed=True)

    def move(self, pointer: Pointer) -> None:
        self._stroke.append(pointer.scene.toTuple())
        self._crossed |= dict.fromkeys(crossed(self.canvas, *self._stroke[-2:]))
        self._line.show([np.array(self._stroke)])
        bends = self.canvas.model.graph.drawing.bends
        self._wires.show(course_of(self.canvas, wire, bends.get(wire, ())) for wire in self._crossed)

    def finish(self, pointer: Pointer) -> None:
        self.cancel()
        if self._crossed:
            network, wires = self.canvas.model.network, [*self._crossed]
            label = "Cut a wire" if len(wires) == 1 else f"Cut {len(wires)} wires"
            self.canvas.model.do(Batch(tuple(Disconnect(network, wire) for wire in wires), label))

    def cancel(self) -> None:
        self._line.clear()
        self._wires.clear()


def crossed(canvas: Canvas, start: tuple[float, float], end: tuple[float, float]) -> list[Wire]:
    """The wires that a straight line crosses."""
    low, high = np.minimum(start, end).tolist(), np.maximum(start, end).tolist()
    courses = canvas.mirror.courses
    near = courses.legs.of(courses.within(*low, *high))
    path = routing.points(near, _STEPS)
    hit = _cross(path[:, :-1], path[:, 1:], np.array(start), np.array(end)).any(axis=1)
    return canvas.mirror.wires.used(np.unique(near.wires[hit]))


def _cross(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Whether the lines from a to b, (..., 2), cross the one from c to d."""

    def side(origin: np.ndarray, way: np.ndarray, point: np.ndarray) -> np.ndarray:
        gap = point - origin
        return np.asarray(way[..., 0] * gap[..., 1] - way[..., 1] * gap[..., 0])

    apart = side(a, b - a, c) * side(a, b - a, d) <= 0
    return np.asarray(apart & (side(c, d - c, a) * side(c, d - c, b) <= 0))
