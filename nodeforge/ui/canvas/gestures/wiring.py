"""Drawing a wire, or taking hold of the end of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsEllipseItem, QGraphicsPathItem, QToolTip

from nodeforge.core.drawing import Point
from nodeforge.core.edits import Disconnect
from nodeforge.core.graph import Endpoint, Wire
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.changing import editing
from nodeforge.ui.canvas.geometry import routing
from nodeforge.ui.canvas.geometry.hit import Hit, Part, hit
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas


class Wiring(Gesture):
    """A wire hangs from `anchor` and follows the pointer.

    Args:
        canvas: Where it is drawn.
        pressed: Where it began.
        anchor: The end that stays.
        forward: Whether the anchor is an output.
        moved: The present wire whose other end was taken hold of, if any.
        bends: The way that a new wire takes from its source.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self,
        canvas: Canvas,
        pressed: Pointer,
        anchor: Endpoint,
        *,
        forward: bool,
        moved: Wire | None = None,
        bends: tuple[Point, ...] = (),
    ) -> None:
        super().__init__(canvas, pressed)
        self._anchor, self._forward, self._moved, self._bends = anchor, forward, moved, bends
        self._wish: Wire | None = None
        self._fault: str | None = None
        self._path = QGraphicsPathItem()
        self._ring = QGraphicsEllipseItem()
        self._ring.hide()
        for item in (self._path, self._ring):
            canvas.scene().addItem(item)
        if moved is not None:
            canvas.mirror.hide_wire(moved)
            canvas.repaint_node(moved.source)
            canvas.repaint_node(moved.target)
        self.move(pressed)

    def move(self, pointer: Pointer) -> None:
        found = hit(self.canvas.mirror, pointer.scene.x(), pointer.scene.y(), self.canvas.zoom)
        wish = self._wire_to(found)
        if wish != self._wish:
            self._wish = wish
            self._fault = self._fault_of(wish) if wish else None
            if self._fault:
                QToolTip.showText(self.canvas.viewport().mapToGlobal(pointer.view), self._fault, self.canvas)
            else:
                QToolTip.hideText()
        self._draw(pointer.scene)

    def finish(self, pointer: Pointer) -> None:
        self._clear()
        model = self.canvas.model
        if self._wish is not None:
            if self._fault:
                model.complained.emit(self._fault)
            elif self._wish != self._moved:
                bends = self._way(self._end(self._wish))
                model.do(editing.connect(model.graph, self._wish, model.kinds, self._moved, bends))
        elif self._moved is not None:
            if self._is_away(pointer):
                model.do(Disconnect(model.network, self._moved), label="Disconnect")
        elif self._is_away(pointer):
            self.canvas.open_search(
                pointer.scene, anchor=self._anchor, forward=self._forward, bends=self._bends
            )

    def cancel(self) -> None:
        self._clear()

    def _is_away(self, pointer: Pointer) -> bool:
        """Whether the end was dropped on empty canvas, away from where it began (a click draws nothing)."""
        found = hit(self.canvas.mirror, pointer.scene.x(), pointer.scene.y(), self.canvas.zoom)
        far = (pointer.view - self.pressed.view).manhattanLength() >= 16
        return far and found.part in (Part.NOTHING, Part.WIRE, Part.DOT)

    def _wire_to(self, found: Hit) -> Wire | None:
        """The wire that dropping here would draw; a node's body stands for its best port."""
        wanted = Part.INPUT if self._forward else Part.OUTPUT
        if found.on_port and found.part is not wanted and (found.node, found.port) != self._anchor:
            return self._between((found.node, found.port))
        if found.part is wanted:
            return self._between((found.node, found.port))
        if found.on_node and found.node != self._anchor[0]:
            model = self.canvas.model
            return editing.best_wire(
                model.graph, self._anchor, self._forward, found.node, model.kinds, model.network_report
            )
        return None

    def _fault_of(self, wish: Wire) -> str | None:
        model = self.canvas.model
        return editing.connect_fault(model.graph, wish, model.kinds, self._moved)

    def _between(self, end: Endpoint) -> Wire:
        return Wire(*self._anchor, *end) if self._forward else Wire(*end, *self._anchor)

    def _end(self, wire: Wire) -> Point:
        """Where the end of a wire is that is not the anchor."""
        end = wire.head if self._forward else wire.tail
        return self.canvas.port_place(end, output=not self._forward).toTuple()

    def _way(self, end: Point) -> tuple[Point, ...]:
        """The points that the wire goes through when its end is at a point."""
        if self._moved is None:
            return self._bends
        bends = self.canvas.model.graph.drawing.bends.get(self._moved, ())
        down = self.canvas.mirror.down
        return editing.kept_bends(bends, self._end(self._moved), end, forward=self._forward, down=down)

    def _draw(self, point: QPointF) -> None:
        colors = self.canvas.palette_colors
        color = colors.selection
        other = (point.x(), point.y())
        if self._wish is not None:
            color = colors.error if self._fault else colors.legal
            other = self._end(self._wish)
            self._ring.setRect(QRectF(other[0] - 9, other[1] - 9, 18, 18))
            glow = QColor(color)
            glow.setAlphaF(0.25)
            self._ring.setPen(QPen(color, 1.5))
            self._ring.setBrush(glow)
        self._ring.setVisible(self._wish is not None)
        here = self.canvas.port_place(self._anchor, output=self._forward).toTuple()
        ways = (here, other) if self._forward else (other, here)
        bends = np.array(self._way(other)).reshape(-1, 2)
        course = routing.course(*ways, bends, down=self.canvas.mirror.down)
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in course.tolist()]))
        self._path.setPath(path)
        dashed = Qt.PenStyle.DashLine if self._fault else Qt.PenStyle.SolidLine
        self._path.setPen(QPen(color, max(style.WIRE_WIDTH + 0.5, 1.5 / self.canvas.zoom), dashed))

    def _clear(self) -> None:
        QToolTip.hideText()
        for item in (self._path, self._ring):
            self.canvas.scene().removeItem(item)
        if self._moved is not None:
            self.canvas.mirror.show_wire(self._moved)
            self.canvas.repaint_node(self._moved.source)
            self.canvas.repaint_node(self._moved.target)
