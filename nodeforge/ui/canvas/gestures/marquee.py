"""Selecting with a rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsRectItem

from nodeforge.ui.canvas.gestures.base import Gesture, Pointer

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class Marquee(Gesture):
    """Selects the nodes that the rectangle touches and the frames that lie in it; Shift adds them to the selection,
    Ctrl selects those that were not selected and the other way round."""

    def __init__(self, canvas: Canvas, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        self._before, self._frames = canvas.model.selection, canvas.model.frames
        color = canvas.palette_colors.selection
        fill = QColor(color)
        fill.setAlphaF(0.10)
        pen = QPen(color, 1.0)
        pen.setCosmetic(True)
        self._frame = QGraphicsRectItem()
        self._frame.setPen(pen)
        self._frame.setBrush(fill)
        canvas.scene().addItem(self._frame)

    def move(self, pointer: Pointer) -> None:
        area = QRectF(self.pressed.scene, pointer.scene).normalized()
        self._frame.setRect(area)
        rects = self.canvas.mirror.rects
        inside = np.flatnonzero(
            (rects[:, 0] <= area.right())
            & (rects[:, 1] <= area.bottom())
            & (rects[:, 0] + rects[:, 2] >= area.left())
            & (rects[:, 1] + rects[:, 3] >= area.top())
        )
        touched = frozenset(self.canvas.mirror.nodes.used(inside))
        frames = frozenset(self.canvas.frames.inside(area))
        if pointer.holds(Qt.KeyboardModifier.ShiftModifier):
            touched, frames = touched | self._before, frames | self._frames
        elif pointer.holds(Qt.KeyboardModifier.ControlModifier):
            touched, frames = self._before ^ touched, self._frames ^ frames
        self.canvas.model.select(touched, frames)

    def finish(self, pointer: Pointer) -> None:
        self.canvas.scene().removeItem(self._frame)

    def cancel(self) -> None:
        self.canvas.scene().removeItem(self._frame)
        self.canvas.model.select(self._before, self._frames)
