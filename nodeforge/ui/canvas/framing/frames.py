"""The frames of the shown network: what of them is under the pointer, what is painted anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from nodeforge.core.changes import Change
from nodeforge.core.drawing import Frame
from nodeforge.session import framing
from nodeforge.ui.canvas.geometry.hit import NOTHING, Hit, Part
from nodeforge.ui.canvas.painting.frame_painter import FramePainter, Marks, title_area

if TYPE_CHECKING:
    from nodeforge.ui.canvas.view import Canvas

EDGE_PX = 5.0
"""How near an edge the pointer must be to take hold of it, on the screen."""
BORDER_PX = 12.0
"""How far inside the edge a frame can be taken hold of to be moved, on the screen."""
_SMALL_PX = 48.0
"""A frame that is seen smaller than this is moved by all of it, and not resized."""

_CURSORS = {
    "left": Qt.CursorShape.SizeHorCursor,
    "right": Qt.CursorShape.SizeHorCursor,
    "top": Qt.CursorShape.SizeVerCursor,
    "bottom": Qt.CursorShape.SizeVerCursor,
    "top left": Qt.CursorShape.SizeFDiagCursor,
    "bottom right": Qt.CursorShape.SizeFDiagCursor,
    "top right": Qt.CursorShape.SizeBDiagCursor,
    "bottom left": Qt.CursorShape.SizeBDiagCursor,
}


def cursor_over(found: Hit) -> Qt.CursorShape | None:
    """What a frame under the pointer can be done with, as a cursor."""
    if found.part is not Part.FRAME:
        return None
    return _CURSORS.get(found.edges, Qt.CursorShape.SizeAllCursor)


def bounds(frames: Iterable[Frame]) -> QRectF:
    """The area of frames with their titles, at natural size."""
    area = QRectF()
    for frame in frames:
        area = area.united(QRectF(*frame.area)).united(title_area(frame, 1.0))
    return area


class FrameLayer(QObject):
    """Frames of a canvas; those that a gesture changes are shown as it wants them until it ends.

    Attributes:
        frames: What is shown, by name, the lowest first.
    """

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._painter = FramePainter(keeps_titles=True)
        self._preview: Mapping[str, Frame] | None = None
        self._hovered = ""
        self._known: dict[str, Frame] = {}
        self._selected: frozenset[str] = frozenset()
        self._notes: dict[Frame, bool] = {}
        """Which frames are notes, as far as asked since the network changed."""
        for signal in (canvas.model.opened, canvas.model.network_changed):
            signal.connect(self._on_network)
        canvas.model.changed.connect(self._on_change)
        canvas.model.selection_changed.connect(self._on_selection)
        self._on_network()

    @property
    def frames(self) -> Mapping[str, Frame]:
        return self._known if self._preview is None else self._preview

    def preview(self, frames: Mapping[str, Frame] | None) -> None:
        """Show frames otherwise than the document has them, or, with None, as it has them."""
        before, self._preview = self.frames, frames
        self._repaint_difference(before)

    def _on_network(self, _: object = None) -> None:
        self._preview, self._hovered = None, ""
        self._known = dict(self._canvas.model.graph.drawing.frames)
        self._notes.clear()
        self._selected = self._canvas.model.frames
        self._canvas.repaint_all()

    def _on_change(self, change: Change) -> None:
        mine = change.networks.get(self._canvas.model.network)
        if mine is not None:
            self._notes.clear()
        if mine is not None and mine.drawn:
            before, self._preview = self.frames, None
            self._known = dict(self._canvas.model.graph.drawing.frames)
            self._repaint_difference(before)

    def _on_selection(self, _: object) -> None:
        selected = self._canvas.model.frames
        differing, self._selected = self._selected ^ selected, selected
        self._repaint(self.frames[name] for name in differing if name in self.frames)

    # Painting -------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, parts: Sequence[QRectF], zoom: float) -> None:
        """Paint what lies in some areas; the painter is in canvas units."""
        if self.frames:
            marks = Marks(self._selected, self._hovered)
            self._painter.paint(painter, self.frames, parts, zoom, self._canvas.palette_colors, marks)

    def _repaint_difference(self, before: Mapping[str, Frame]) -> None:
        now = self.frames
        if list(before) != list(now):  # their order may be another, so that they cover each other otherwise
            self._repaint([*before.values(), *now.values()])
        else:
            self._repaint(
                each for name in now if before[name] != now[name] for each in (before[name], now[name])
            )

    def _repaint(self, frames: Iterable[Frame]) -> None:
        zoom = self._canvas.zoom
        area = QRectF()
        for frame in frames:
            area = area.united(QRectF(*frame.area)).united(title_area(frame, zoom))
        reach = 6.0 / zoom
        self._canvas.repaint_area(area.adjusted(-reach, -reach, reach, reach) if not area.isEmpty() else area)

    def bounds(self) -> QRectF:
        """The area of all frames with their titles."""
        return bounds(self._known.values())

    # Hitting --------------------------------------------------------------------------------------

    def hit(self, point: QPointF) -> Hit:
        """What of a frame is at a point: a title first, then an edge, the border within it, or a note."""
        zoom = self._canvas.zoom
        topmost = list(self.frames.items())[::-1]
        for name, frame in topmost:
            if title_area(frame, zoom).contains(point):
                return Hit(Part.FRAME, frame=name)
        for name, frame in topmost:
            found = self._hit_body(name, frame, point, zoom)
            if found is not NOTHING:
                return found
        return NOTHING

    def _hit_body(self, name: str, frame: Frame, point: QPointF, zoom: float) -> Hit:
        area, reach = QRectF(*frame.area), EDGE_PX / zoom
        if not area.adjusted(-reach, -reach, reach, reach).contains(point):
            return NOTHING
        if min(area.width(), area.height()) * zoom < _SMALL_PX:
            return Hit(Part.FRAME, frame=name)
        edges = _edges(area, point, reach)
        if edges:
            return Hit(Part.FRAME, frame=name, edges=edges)
        within = BORDER_PX / zoom
        if not area.adjusted(within, within, -within, -within).contains(point) or self._is_note(frame):
            return Hit(Part.FRAME, frame=name)
        return NOTHING

    def _is_note(self, frame: Frame) -> bool:
        """As `framing.is_note`, which goes through all nodes: this is asked whenever the pointer moves."""
        if frame not in self._notes:
            self._notes[frame] = framing.is_note(self._canvas.model.graph, frame)
        return self._notes[frame]

    def body_at(self, point: QPointF) -> str:
        """The topmost frame in which a point lies; "" for none."""
        inside = (
            name for name, frame in list(self.frames.items())[::-1] if frame.holds((point.x(), point.y()))
        )
        return next(inside, "")

    def inside(self, area: QRectF) -> set[str]:
        """The frames that lie wholly in an area."""
        return {name for name, frame in self.frames.items() if area.contains(QRectF(*frame.area))}

    def hover(self, found: Hit) -> None:
        """Stress the frame that the pointer is over."""
        if found.frame != self._hovered:
            before, self._hovered = self._hovered, found.frame
            frames = self.frames
            self._repaint(frames[name] for name in (before, found.frame) if name in frames)


def _edges(area: QRectF, point: QPointF, reach: float) -> str:
    """The edges of an area that a point near it is on; corners reach twice as far along the edges."""

    def ends(reach: float) -> tuple[str, str]:
        x, y = point.x(), point.y()
        upright = "top" if y <= area.top() + reach else "bottom" if y >= area.bottom() - reach else ""
        across = "left" if x <= area.left() + reach else "right" if x >= area.right() - reach else ""
        return upright, across

    if not any(ends(reach)):
        return ""
    return " ".join(ends(2 * reach)).strip()
