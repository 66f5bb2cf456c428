"""A graphics view without bars and edges: its zoom, its place, and what is in sight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.viewing import scrolling

_HALF_WORLD = 10_000_000.0
_FIT_MARGIN = 48.0
_REVEAL_MARGIN = 20
_READING_ZOOM = 0.9


@dataclass(frozen=True, slots=True)
class Sight:
    """How a drawing was seen."""

    zoom: float
    scroll: QPoint
    is_fitted: bool


class ZoomView(QGraphicsView):
    """Lets a person look at a drawing from anywhere, as near as they like.

    Signals:
        zoom_changed: Pixels per canvas unit.
    """

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._world = QGraphicsScene(self)  # the view does not keep its scene alive
        self._world.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setScene(self._world)
        self._is_fitted = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setSceneRect(-_HALF_WORLD, -_HALF_WORLD, 2 * _HALF_WORLD, 2 * _HALF_WORLD)
        # A drawing is no text: it has its own direction.
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

    @property
    def zoom(self) -> float:
        """Pixels per canvas unit."""
        return self.transform().m11()

    def set_zoom(self, zoom: float, anchor: QPoint | None = None) -> None:
        """Zoom so that what is under the anchor (in pixels of the view; its middle if None) stays there."""
        self._is_fitted = False
        zoom = float(np.clip(zoom, style.MIN_ZOOM, style.MAX_ZOOM))
        if zoom == self.zoom:
            return
        anchor = self.viewport().rect().center() if anchor is None else anchor
        fixed = self.mapToScene(anchor)
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self.scroll_to(self.scroll_position() + self.mapFromScene(fixed) - anchor)
        self.zoom_changed.emit(zoom)

    def zoom_in(self) -> None:
        self.set_zoom(self.zoom * 1.25)

    def zoom_out(self) -> None:
        self.set_zoom(self.zoom / 1.25)

    def reset_zoom(self) -> None:
        """Natural size."""
        self.set_zoom(1.0)

    def scroll_position(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def scroll_to(self, position: QPoint) -> None:
        self._is_fitted = False
        self.horizontalScrollBar().setValue(position.x())
        self.verticalScrollBar().setValue(position.y())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.NoViewportUpdate)
        super().scrollContentsBy(dx, dy)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        scrolling.shift(self, dx, dy)

    def visible_area(self) -> QRectF:
        """What is seen, in canvas units."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def look_at(self, centre: QPointF, zoom: float | None = None) -> None:
        """Bring a point into the middle of the view, at a zoom or at the present one."""
        self.set_zoom(zoom or self.zoom)
        self.centerOn(centre)

    def reveal_area(self, area: QRectF) -> None:
        """Bring an area into view, large enough to read."""
        if self.zoom < style.SHAPES_FROM:
            self.set_zoom(_READING_ZOOM)
        margin = _REVEAL_MARGIN
        if not self.visible_area().adjusted(margin, margin, -margin, -margin).contains(area):
            self._is_fitted = False
            self.centerOn(area.center())

    @property
    def is_fitted(self) -> bool:
        """Whether the person has left zoom and place to the view since it showed the whole drawing."""
        return self._is_fitted

    def fit_area(self, area: QRectF) -> None:
        """Show a whole drawing, at most at its natural size."""
        if area.isEmpty():
            self.reset_zoom()
            self.centerOn(0, 0)
        else:
            size = self.viewport().size()
            room_x, room_y = size.width() - 2 * _FIT_MARGIN, size.height() - 2 * _FIT_MARGIN
            self.set_zoom(min(1.0, max(room_x, 32) / area.width(), max(room_y, 32) / area.height()))
            self.centerOn(area.center())
        self._is_fitted = True

    def sight(self) -> Sight:
        """How the drawing is seen now."""
        return Sight(self.zoom, self.scroll_position(), self._is_fitted)

    def look_as(self, sight: Sight) -> None:
        """See the drawing as it was seen before."""
        self.set_zoom(sight.zoom)
        self.scroll_to(sight.scroll)
