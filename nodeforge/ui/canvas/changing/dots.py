"""The dots of wires, which a wire is led through: adding, removing and showing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen

from nodeforge.core.drawing import Point
from nodeforge.core.edits import Bend
from nodeforge.core.graph import Wire
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.routing import distance

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


def add(canvas: Canvas, wire: Wire, at: QPointF) -> None:
    """Lead a wire through a point on it, and select that dot."""
    bends = list(bends_of(canvas, wire))
    index = place_on(canvas, wire, at)
    bends.insert(index, rounded(at))
    if canvas.model.do(Bend(canvas.model.network, {wire: tuple(bends)}), label="Add a dot"):
        canvas.select_wire(wire, index)


def remove(canvas: Canvas, wire: Wire, index: int) -> None:
    """Let a wire pass by one of its dots."""
    bends = bends_of(canvas, wire)
    rest = (*bends[:index], *bends[index + 1 :])
    if canvas.model.do(Bend(canvas.model.network, {wire: rest}), label="Remove a dot"):
        canvas.select_wire(wire)


def straighten(canvas: Canvas, wire: Wire) -> None:
    """Let a wire take the straight way."""
    canvas.model.do(Bend(canvas.model.network, {wire: ()}), label="Straighten wire")


def bends_of(canvas: Canvas, wire: Wire) -> tuple[Point, ...]:
    """The points that a wire goes through."""
    return canvas.model.graph.drawing.bends.get(wire, ())


def place_on(canvas: Canvas, wire: Wire, at: QPointF) -> int:
    """Which place among the dots of a wire a new one at a point on it takes."""
    if not bends_of(canvas, wire):
        return 0
    legs = canvas.mirror.courses.of(np.array([canvas.mirror.wires.index[wire]]))
    return int(np.argmin(distance(legs, at.x(), at.y())))


def show(canvas: Canvas, wire: Wire, bends: Sequence[Point]) -> None:
    """Show a wire on another way while a gesture lasts."""
    canvas.repaint_node(wire.target)
    canvas.mirror.bend({wire: bends})
    canvas.repaint_node(wire.target)


def rounded(point: QPointF) -> Point:
    """A point where a dot may lie."""
    return (float(round(point.x())), float(round(point.y())))


def paint_selected(painter: QPainter, canvas: Canvas) -> None:
    """Draw a ring around the selected dot."""
    wire, index = canvas.selected_wire, canvas.selected_dot
    if wire is not None and index >= 0 and canvas.zoom >= style.DOTS_FROM:
        x, y = canvas.mirror.bends_of(wire)[index]
        painter.setPen(QPen(canvas.palette_colors.selection, style.DOT_RADIUS * 0.7))
        painter.setBrush(canvas.palette_colors.background)
        painter.drawEllipse(QPointF(x, y), style.DOT_RADIUS * 2.0, style.DOT_RADIUS * 2.0)
