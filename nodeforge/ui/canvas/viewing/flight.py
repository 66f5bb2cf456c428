"""Ways of the view: flights to another place of a network, passages into a network and out of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QTransform
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from nodeforge.session.whereabouts import Whereabouts
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.viewing.motion import clock

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

FLIGHT_MS = 180
PASSAGE_MS = 180


def system_moves() -> bool:
    """Whether the system lets things on the screen move of themselves."""
    return bool(QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animate))


class Flight(QObject):
    """Takes the view to a place and a zoom; at once where nothing shall move of itself.

    Attributes:
        moves: Whether the way is shown.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.moves = False
        self._from = self._to = (QPointF(), 1.0)
        self._clock = clock(self, FLIGHT_MS, self._show)

    @property
    def is_shown(self) -> bool:
        """Whether ways are shown now: on a hidden canvas nobody would see them."""
        return self.moves and self._canvas.isVisible()

    def go(self, centre: QPointF, zoom: float | None = None) -> None:
        """Bring a point into the middle of the view, at a zoom or at the present one."""
        canvas = self._canvas
        self.stop()
        zoom = min(max(zoom or canvas.zoom, style.MIN_ZOOM), style.MAX_ZOOM)
        self._from, self._to = (canvas.visible_area().center(), canvas.zoom), (centre, zoom)
        if self.is_shown:
            self._clock.start()
        else:
            self._show(1.0)

    def stop(self) -> None:
        """Stay where the view is: a hand has taken it."""
        self._clock.stop()

    def _show(self, share: float) -> None:
        (start, zoom), (end, last) = self._from, self._to
        grown = zoom * (last / zoom) ** share
        # While the zoom changes, equal steps on the screen are not equal steps in the drawing.
        way = share if math.isclose(zoom, last) else (1 / zoom - 1 / grown) / (1 / zoom - 1 / last)
        self._canvas.look_at(start + (end - start) * way, grown)


class Passage(QWidget):
    """Lies over the canvas while another network comes into sight: its use grows to it, or it shrinks into its use.

    Two pictures are enough for that. The canvas below is at its place from the first moment on and takes every event.
    """

    def __init__(self, canvas: Canvas, outer: QPixmap, inner: QPixmap, use: QRectF, *, inward: bool) -> None:
        super().__init__(canvas)
        self._outer, self._inner, self._use, self._inward = outer, inner, use, inward
        self._ground = canvas.palette_colors.background
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setGeometry(canvas.viewport().geometry())
        self._clock = clock(self, PASSAGE_MS, lambda _: self.update(), QEasingCurve.Type.InOutCubic)
        self._clock.finished.connect(self.end)
        self.show()
        self._clock.start()

    def end(self) -> None:
        """Give the canvas free."""
        self._clock.stop()
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        share = float(self._clock.currentValue() or 0.0)
        inside = share if self._inward else 1.0 - share
        whole = QRectF(self.rect())
        hole = _between(self._use, whole, inside)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(whole, self._ground)
            painter.setTransform(_onto(self._use, hole))
            painter.drawPixmap(0, 0, self._outer)
            painter.resetTransform()
            painter.setOpacity(inside)
            painter.fillRect(hole, self._ground)
            painter.setTransform(_onto(whole, hole))
            painter.drawPixmap(0, 0, self._inner)


def _between(start: QRectF, end: QRectF, share: float) -> QRectF:
    """A rectangle on the way from one to another; sizes grow by equal factors."""
    width = start.width() * (end.width() / start.width()) ** share
    height = start.height() * (end.height() / start.height()) ** share
    way = (width - start.width()) / (end.width() - start.width()) if end.width() != start.width() else share
    centre = start.center() + (end.center() - start.center()) * way
    return QRectF(centre.x() - width / 2, centre.y() - height / 2, width, height)


def _onto(start: QRectF, end: QRectF) -> QTransform:
    """What brings one rectangle onto another."""
    made = QTransform.fromTranslate(end.x(), end.y())
    made.scale(end.width() / start.width(), end.height() / start.height())
    return made.translate(-start.x(), -start.y())


class Passages(QObject):
    """Shows the way whenever the canvas comes to another network through a use, or leaves it.

    The canvas calls `leave` before it shows another network, and `arrive` after.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._place = canvas.model.place
        self._before: tuple[QPixmap, QRectF | None] | None = None
        self._shown: Passage | None = None

    def leave(self) -> None:
        """The model shows another network; the canvas still shows the one before."""
        canvas = self._canvas
        self.end()
        way = _way_in(self._place, canvas.model.place)
        if way is not None and canvas.flight.is_shown:
            use = self._area(way) if way else None
            self._before = (canvas.viewport().grab(), use)

    def arrive(self) -> None:
        """The canvas shows the other network."""
        canvas, place = self._canvas, self._canvas.model.place
        came_from, self._place = self._place, place
        before, self._before = self._before, None
        if before is None:
            return
        picture, use = before
        inward = use is not None
        use = use or self._area(_way_in(place, came_from) or "")
        if use is not None:
            now = canvas.viewport().grab()
            outer, inner = (picture, now) if inward else (now, picture)
            self._shown = Passage(canvas, outer, inner, use, inward=inward)
            self._shown.destroyed.connect(self._forget)

    def follow(self) -> None:
        """The shown network may go by another name, or be entered through a use of another name."""
        self._place = self._canvas.model.place

    def reset(self) -> None:
        """Another project is shown."""
        self.end()
        self.follow()

    def end(self) -> None:
        """Show the canvas itself at once."""
        if self._shown is not None:
            self._shown.end()

    def _forget(self) -> None:
        self._shown = None

    def _area(self, name: str) -> QRectF | None:
        """Where a node is on the screen; None when it is not there."""
        mirror = self._canvas.mirror
        if name not in mirror.nodes.index:
            return None
        rect = QRectF(*mirror.rects[mirror.nodes.index[name]].tolist())
        return QRectF(self._canvas.mapFromScene(rect).boundingRect())


def _way_in(outer: Whereabouts, inner: Whereabouts) -> str | None:
    """The use through which one comes from one place to another; "" from inner to outer, None where there is none."""
    if outer.base != inner.base or outer.path == inner.path:
        return None
    if inner.path[: len(outer.path)] == outer.path:
        return inner.path[len(outer.path)]
    return "" if outer.path[: len(inner.path)] == inner.path else None
