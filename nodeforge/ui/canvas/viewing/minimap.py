"""The minimap: all of the drawing in a corner of the canvas, with what is seen of it as a rectangle to drag."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from nodeforge.ui.attention import WhenSeen
from nodeforge.ui.canvas.geometry.mirror import State
from nodeforge.ui.canvas.gestures.base import Gesture, Pointer
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.painting.frame_painter import tint

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

_LARGEST = QSize(240, 170)
_LEAST = 48
_QUIET_MS = 120
"""The picture is made anew when the drawing has been left alone for so long."""
_SHARE = 0.28
"""No side is longer than this share of the canvas."""
_MARGIN = 12
_PADDING = 8.0
_LEAST_SIDE = 2.0
"""No node is drawn smaller than this, in pixels."""


class Minimap(QWidget):
    """Lies in the lower right corner of the canvas, unless all of the drawing is in sight.

    Click where the view shall go, drag the rectangle, turn the wheel to zoom.

    Signals:
        wanted_changed: The person has put it away or taken it out.

    Attributes:
        renderings: How often its picture was made.
    """

    wanted_changed = Signal(bool)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._wanted = True
        self._picture: QPixmap | None = None
        self._area = QRectF()
        self._scale = 1.0
        """Pixels for each canvas unit."""
        self.renderings = 0
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Map of the drawing")
        self.setToolTip("Click or drag to move the view, turn the wheel to zoom")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._stale = WhenSeen(canvas.viewport(), self._forget, _QUIET_MS)
        model = canvas.model
        for signal in (model.opened, model.network_changed, model.changed, model.checked):
            signal.connect(self._stale.ask)
        canvas.zoom_changed.connect(self._follow)
        for bar in (canvas.horizontalScrollBar(), canvas.verticalScrollBar()):
            bar.valueChanged.connect(self._follow)
        canvas.viewport().installEventFilter(self)
        self._forget()

    @property
    def wanted(self) -> bool:
        """Whether it is shown where there is something to see."""
        return self._wanted

    @wanted.setter
    def wanted(self, wanted: bool) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self._follow()
            self.wanted_changed.emit(wanted)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.PaletteChange):
            self._forget()
        return False

    def _forget(self) -> None:
        """The drawing is another: show it so when it is next painted."""
        self._picture = None
        self._area = self._canvas.mirror.bounds().united(self._canvas.frames.bounds())
        view = self._canvas.viewport().geometry()
        most = QSize(int(view.width() * _SHARE), int(view.height() * _SHARE)).boundedTo(_LARGEST)
        padding = 2 * _PADDING
        room_x, room_y = max(most.width() - padding, 1.0), max(most.height() - padding, 1.0)
        wide, high = max(self._area.width(), 1.0), max(self._area.height(), 1.0)
        self._scale = min(room_x / wide, room_y / high, 1.0)
        width = math.ceil(max(wide * self._scale + padding, _LEAST))
        height = math.ceil(max(high * self._scale + padding, _LEAST))
        self.setGeometry(view.right() - width - _MARGIN, view.bottom() - height - _MARGIN, width, height)
        self._follow()

    def _follow(self, _: object = None) -> None:
        """The view is elsewhere: a map is needed unless all is in sight, or hardly anything beside the map would be."""
        view = self._canvas.viewport().size()
        leaves_room = 2 * self.width() < view.width() and 2 * self.height() < view.height()
        needed = self._wanted and not self._area.isEmpty() and not self._seen().contains(self._area)
        needed = needed and leaves_room
        if needed == self.isHidden():
            self.setVisible(needed)
        if needed:
            self.update()

    def _seen(self) -> QRectF:
        return self._canvas.visible_area()

    # Places ---------------------------------------------------------------------------------------

    def _origin(self) -> QPointF:
        """Where the corner of the drawing's area lies, in pixels."""
        wide, high = self._area.width() * self._scale, self._area.height() * self._scale
        return QPointF((self.width() - wide) / 2, (self.height() - high) / 2)

    def drawn_place(self, point: QPointF) -> QPointF:
        """Where a point of the map is in the drawing, in canvas units."""
        return self._area.topLeft() + (point - self._origin()) / self._scale

    def map_place(self, point: QPointF) -> QPointF:
        """Where a point of the drawing is on the map, in pixels."""
        return self._origin() + (point - self._area.topLeft()) * self._scale

    def window_area(self) -> QRectF:
        """What is seen of the drawing, as a rectangle on the map."""
        seen = self._seen()
        return QRectF(self.map_place(seen.topLeft()), self.map_place(seen.bottomRight()))

    # Painting -------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            self._picture = self._render()
        palette = self._canvas.palette_colors
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPixmap(0, 0, self._picture)
            window = self.window_area().intersected(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
            fill = QColor(palette.selection)
            fill.setAlphaF(0.10)
            painter.setBrush(fill)
            painter.setPen(QPen(palette.selection, 1.5))
            painter.drawRoundedRect(window, 3, 3)

    def _render(self) -> QPixmap:
        """Frames and nodes, made once for each change of the drawing."""
        self.renderings += 1
        ratio, palette = self.devicePixelRatioF(), self._canvas.palette_colors
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ground = QColor(palette.node)
            ground.setAlphaF(0.97)
            painter.setBrush(ground)
            painter.setPen(QPen(palette.border, 1.0))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
            self._draw_frames(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(Qt.PenStyle.NoPen)
            self._draw_nodes(painter)
        return picture

    def _draw_frames(self, painter: QPainter) -> None:
        dark = self._canvas.palette_colors.dark
        for frame in self._canvas.frames.frames.values():
            color = tint(frame.color, dark=dark)
            area = QRectF(*frame.area)
            painter.setPen(QPen(color, 1.0))
            color.setAlphaF(0.25)
            painter.setBrush(color)
            painter.drawRect(QRectF(self.map_place(area.topLeft()), self.map_place(area.bottomRight())))

    def _draw_nodes(self, painter: QPainter) -> None:
        """One call for each colour; nodes with errors wear a ring, and lie on top."""
        mirror, palette = self._canvas.mirror, self._canvas.palette_colors
        slots = np.flatnonzero(~np.isnan(mirror.rects[:, 0]))
        origin = self._origin()
        corner = np.array((self._area.left(), self._area.top()))
        rects = mirror.rects[slots].copy()
        rects[:, :2] = (rects[:, :2] - corner) * self._scale + (origin.x(), origin.y())
        rects[:, 2:] = np.maximum(rects[:, 2:] * self._scale, _LEAST_SIDE)
        looks = mirror.looks[slots]
        failed = mirror.states[slots] & np.uint8(State.ERROR) != 0
        for chosen in (~failed, failed):
            if chosen is failed:
                batches.fill_rects(painter, _grown(rects[failed], 3.0), palette.error)
                batches.fill_rects(painter, _grown(rects[failed], 1.0), palette.node)
            for look in np.unique(looks[chosen]).tolist():
                color = palette.category(mirror.look_list[look].category)
                batches.fill_rects(painter, rects[chosen & (looks == look)], color)

    # The hand -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._canvas.mouse.take(Steer(self._canvas, self, self._pointer(event)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        gesture = self._canvas.mouse.gesture
        if isinstance(gesture, Steer):
            gesture.move(self._pointer(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if isinstance(self._canvas.mouse.gesture, Steer):
            self._canvas.mouse.drop(self._pointer(event))

    def _pointer(self, event: QMouseEvent) -> Pointer:
        """Where the pointer is on the map."""
        place = event.position()
        return Pointer(self.drawn_place(place), place.toPoint(), event.modifiers())

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._canvas.set_zoom(self._canvas.zoom * 1.012 ** (event.angleDelta().y() / 8))
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Fit in view", self._canvas.fit)
        menu.addAction("Hide the map", lambda: setattr(self, "wanted", False))
        menu.popup(event.globalPos())


def _grown(rects: np.ndarray, by: float) -> np.ndarray:
    """Rectangles, (k, 4), that stand out of others on all sides."""
    grown = rects.copy()
    grown[:, :2] -= by
    grown[:, 2:] += 2 * by
    return grown


class Steer(Gesture):
    """Moves the view from the map: by its rectangle, or to where the map is pressed; Esc takes it back."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: Canvas, minimap: Minimap, pressed: Pointer) -> None:
        super().__init__(canvas, pressed)
        self._start = canvas.scroll_position()
        centre = canvas.visible_area().center()
        held = minimap.window_area().contains(QPointF(pressed.view))
        self._grip = centre - pressed.scene if held else QPointF()
        if not held:
            canvas.flight.go(pressed.scene)

    def move(self, pointer: Pointer) -> None:
        self.canvas.flight.stop()
        self.canvas.look_at(pointer.scene + self._grip)

    def cancel(self) -> None:
        self.canvas.flight.stop()
        self.canvas.scroll_to(self._start)
