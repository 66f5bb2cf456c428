"""Lines that show what catches dragged nodes and frames."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsLineItem,
    QStyleOptionGraphicsItem,
    QWidget,
)

from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.catching import Field, Line, on_grid

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_REACH_PX = 5.0
_NEIGHBOURS = 400
_ROOM = 4.0
"""Around the number in its field."""


class Guides:
    """Catches dragged nodes where they align with visible others, and shows why.

    Edges and middles of all that is dragged align with those of single nodes; wires between the two become straight;
    gaps become as wide as those beside them. Where nothing catches them, nodes keep to the grid if the canvas says so.
    Of frames with what lies in them, the edges of the frames count, and they align with those of other frames as well.

    Args:
        canvas: Where they are dragged.
        dragged: (k,) slots of the nodes.
        frames: Names of the frames.
    """

    def __init__(self, canvas: Canvas, dragged: np.ndarray, frames: Collection[str] = ()) -> None:
        self._canvas = canvas
        mirror = canvas.mirror
        rects = mirror.rects
        area = canvas.visible_area()
        seen = (
            (rects[:, 0] <= area.right())
            & (rects[:, 1] <= area.bottom())
            & (rects[:, 0] + rects[:, 2] >= area.left())
            & (rects[:, 1] + rects[:, 3] >= area.top())
        )
        seen[dragged] = False
        others, moving = rects[np.flatnonzero(seen)[:_NEIGHBOURS]], rects[dragged]
        if frames:
            known = canvas.model.graph.drawing.frames
            resting = [
                f.area for n, f in known.items() if n not in frames and area.intersects(QRectF(*f.area))
            ]
            others = np.concatenate((others, np.array(resting, float).reshape(-1, 4)))
            moving = np.array([known[name].area for name in frames], float)
        self._field = Field(_boxes(others), _wires_out(canvas, dragged, seen), mirror.down)
        self._box = _bounds(moving)
        self._items: list[QGraphicsItem] = []

    def catch(self, start: np.ndarray, delta: np.ndarray) -> np.ndarray:
        """The way to go, (2,), corrected to what is within reach.

        Args:
            start: (k, 2) where the corners were; the first one keeps to the grid.
            delta: (2,) the way of the pointer.
        """
        self.clear()
        if not len(start):
            return delta
        canvas = self._canvas
        way, held = self._field.pull(self._box, delta, _REACH_PX / canvas.zoom)
        goal: np.ndarray = delta + way
        for axis in (0, 1):
            if canvas.snaps_to_grid and not held[axis]:
                goal[axis] = on_grid(float(start[0, axis] + delta[axis])) - start[0, axis]
        axes = (0, 1) if canvas.snaps_to_grid else np.flatnonzero(held).tolist()
        self._show(self._field.lines(self._box, goal, axes))
        return goal

    def _show(self, lines: list[Line]) -> None:
        pen = QPen(self._canvas.palette_colors.selection, 1.0)
        pen.setCosmetic(True)
        for line in lines:
            drawn = QGraphicsLineItem(*line.ends)
            drawn.setPen(pen)
            drawn.setOpacity(0.75)
            self._add(drawn)
            if line.length is not None and line.length >= 1:
                number = _Number(f"{line.length:.0f}", self._canvas.palette_colors.selection)
                x0, y0, x1, y1 = line.ends
                number.setPos((x0 + x1) / 2, (y0 + y1) / 2)
                self._add(number)

    def _add(self, item: QGraphicsItem) -> None:
        self._canvas.scene().addItem(item)
        self._items.append(item)

    def clear(self) -> None:
        """Take the lines away."""
        for item in self._items:
            self._canvas.scene().removeItem(item)
        self._items.clear()


def _boxes(rects: np.ndarray) -> np.ndarray:
    """(k, 4): left, top, right and bottom, from left, top, width and height."""
    return np.concatenate((rects[:, :2], rects[:, :2] + rects[:, 2:]), axis=1)


def _bounds(rects: np.ndarray) -> np.ndarray:
    boxes = _boxes(rects)
    if not len(boxes):
        return np.zeros(4)
    return np.concatenate((boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)))


def _wires_out(canvas: Canvas, dragged: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(w, 4): of wires between dragged nodes and others that are seen, the end here and the end there."""
    mirror = canvas.mirror
    slots = mirror.wires_at(dragged)
    ends, nodes = mirror.wire_ends(slots), mirror.ends[slots]
    here = np.isin(nodes, dragged)
    turned = np.where(here[:, :1], ends, ends[:, [2, 3, 0, 1]])
    other = np.where(here[:, 0], nodes[:, 1], nodes[:, 0])
    plain = mirror.ways.counts[slots] == 0
    return np.asarray(turned[(here.sum(axis=1) == 1) & seen[other] & plain])


class _Number(QGraphicsItem):
    """A length on a small field, as large at every zoom."""

    def __init__(self, text: str, color: QColor) -> None:
        super().__init__()
        self._text, self._color = text, color
        self._font = style.font(10, strong=True)
        size = QFontMetricsF(self._font).boundingRect(text)
        width, height = size.width() + 2 * _ROOM, size.height() + _ROOM / 2
        self._area = QRectF(-width / 2, -height / 2, width, height)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)

    def boundingRect(self) -> QRectF:
        return self._area

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color)
        painter.drawRoundedRect(self._area, 4, 4)
        painter.setPen(QColor("white"))
        painter.setFont(self._font)
        painter.drawText(self._area, Qt.AlignmentFlag.AlignCenter, self._text)
