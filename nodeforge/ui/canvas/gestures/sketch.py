"""Lines that a gesture shows over the drawing while it lasts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from nodeforge.core.graph import Wire
from nodeforge.ui.canvas.geometry import routing

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class Sketch:
    """One path in one colour.

    Args:
        canvas: Where it is shown.
        color: Of the line.
        width: In pixels of the view.
        dashed: Whether the line is.
        filled: Whether what it encloses is tinted.
    """

    def __init__(
        self, canvas: Canvas, color: QColor, width: float, *, dashed: bool = False, filled: bool = False
    ) -> None:
        pen = QPen(color, width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
        pen.setCosmetic(True)
        self._canvas = canvas
        self._item = QGraphicsPathItem()
        self._item.setPen(pen)
        if filled:
            tint = QColor(color)
            tint.setAlphaF(0.12)
            self._item.setBrush(tint)
        canvas.scene().addItem(self._item)

    def show(self, lines: Iterable[np.ndarray]) -> None:
        """Show lines through points, (n, 2) each, in canvas units."""
        path = QPainterPath()
        for line in lines:
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in line.tolist()]))
        self._item.setPath(path)

    def clear(self) -> None:
        """Take it away."""
        self._canvas.scene().removeItem(self._item)


def course_of(canvas: Canvas, wire: Wire, bends: Iterable[tuple[float, float]] = ()) -> np.ndarray:
    """(n, 2): points along a wire between two nodes that are there, whether or not it is."""
    start = canvas.port_place(wire.tail, output=True).toTuple()
    end = canvas.port_place(wire.head, output=False).toTuple()
    return routing.course(start, end, np.array([*bends]).reshape(-1, 2), down=canvas.mirror.down)
