"""Lines that catch dragged nodes where they align with others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsLineItem

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_REACH_PX = 5.0
_NEIGHBOURS = 400


class Guides:
    """Aligns the first dragged node with the left and top edges of the visible others, and shows where."""

    def __init__(self, canvas: Canvas, dragged: np.ndarray) -> None:
        self._canvas = canvas
        rects = canvas.mirror.rects
        area = canvas.visible_area()
        seen = (
            (rects[:, 0] <= area.right())
            & (rects[:, 1] <= area.bottom())
            & (rects[:, 0] + rects[:, 2] >= area.left())
            & (rects[:, 1] + rects[:, 3] >= area.top())
        )
        seen[dragged] = False
        self._others = rects[np.flatnonzero(seen)[:_NEIGHBOURS], :2].copy()
        pen = QPen(canvas.palette_colors.selection, 1.0)
        pen.setCosmetic(True)
        self._lines = [QGraphicsLineItem(), QGraphicsLineItem()]
        for line in self._lines:
            line.setPen(pen)
            line.setOpacity(0.6)
            line.hide()
            canvas.scene().addItem(line)

    def catch(self, start: np.ndarray, delta: np.ndarray) -> np.ndarray:
        """The way to go, (2,), corrected to the nearest alignment within reach."""
        caught = delta.copy()
        for axis, line in enumerate(self._lines):
            line.hide()
            if not len(self._others) or not len(start):
                continue
            gaps = self._others[:, axis] - (start[0, axis] + delta[axis])
            nearest = int(np.argmin(np.abs(gaps)))
            if abs(gaps[nearest]) <= _REACH_PX / self._canvas.zoom:
                caught[axis] += gaps[nearest]
                self._draw(line, axis, self._others[nearest], start[0] + caught)
        return caught

    def _draw(self, line: QGraphicsLineItem, axis: int, other: np.ndarray, here: np.ndarray) -> None:
        low, high = sorted((float(other[1 - axis]), float(here[1 - axis])))
        at = float(other[axis])
        line.setLine(*((at, low, at, high) if axis == 0 else (low, at, high, at)))
        line.show()

    def clear(self) -> None:
        """Take the lines away."""
        for line in self._lines:
            self._canvas.scene().removeItem(line)
