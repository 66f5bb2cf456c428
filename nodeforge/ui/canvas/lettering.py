"""Every text on the canvas: prepared once, elided to the room it has."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText

from nodeforge.core.specs import BATCH, TensorSpec, format_shape
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.anatomy import Anatomy, Caption
from nodeforge.ui.canvas.style import CanvasPalette

_TEXT_LEFT = style.STRIP + 9
_TEXT_ROOM = style.NODE_WIDTH - _TEXT_LEFT - 9
_CACHE_LIMIT = 20_000
_WIDEST = 0.9
"""No text is wider than this share of its font's size for each sign."""


class Lettering:
    """Writes captions, ports and shapes at the transform that the painter has."""

    def __init__(self) -> None:
        self._title = style.font(13, strong=True)
        self._small = style.font(11)
        self._tiny = style.font(10)
        self._made: dict[tuple[str, int, float], QStaticText] = {}
        self._palette = style.LIGHT
        self._zoom = 1.0

    def begin(self, palette: CanvasPalette, zoom: float) -> None:
        """A new frame: texts are laid out anew when the zoom differs."""
        if zoom != self._zoom or len(self._made) > _CACHE_LIMIT:
            self._made.clear()
            self._title.setPixelSize(round(max(13.0, style.LEAST_TITLE_PX / zoom)))
        self._palette, self._zoom = palette, zoom

    def write_caption(self, painter: QPainter, caption: Caption, height: float, detailed: bool) -> None:
        """Title and, when there is detail, kind and parameter count; the origin is the node's corner."""
        lines = 33.0 if detailed else self._title.pixelSize() * 1.36
        top = (min(height, style.NODE_HEIGHT) - lines) / 2
        self._write(painter, self._title, self._palette.title, caption.title, _TEXT_LEFT, top, _TEXT_ROOM)
        if detailed:
            muted = self._palette.text
            self._write(painter, self._small, muted, caption.subtitle, _TEXT_LEFT, top + 18, _TEXT_ROOM)
            self._write(painter, self._tiny, muted, caption.count, 4, height + 4, style.NODE_WIDTH)

    def write_ports(self, painter: QPainter, anatomy: Anatomy) -> None:
        """The names of ports beside them."""
        metrics = QFontMetricsF(self._tiny)
        room = dict.fromkeys(anatomy.inputs.values(), _TEXT_ROOM)
        for name, y in anatomy.outputs.items():
            width = metrics.horizontalAdvance(name)
            left = style.NODE_WIDTH - 10 - width
            self._write(painter, self._tiny, self._palette.text, name, left, y - 7, _TEXT_ROOM)
            if y in room:
                room[y] -= width + 8
        for name, y in anatomy.inputs.items():
            self._write(painter, self._tiny, self._palette.text, name, _TEXT_LEFT, y - 7, room[y])

    def write_live(self, painter: QPainter, text: str, height: float) -> None:
        """A short text under a node, on the line after its parameter count."""
        self._write(painter, self._tiny, self._palette.lit, text, 4, height + 17, style.NODE_WIDTH)

    def write_shape(
        self,
        painter: QPainter,
        spec: TensorSpec,
        x: float,
        y: float,
        room: float,
        *,
        climbs: bool,
        falls: bool,
    ) -> None:
        """A shape at the start of its wires, clear of them; without the batch axis where the room is short.

        Args:
            painter: Paints in canvas units.
            spec: What flows.
            x, y: The output port.
            room: How far the nearest end of a wire is away.
            climbs, falls: Whether wires leave upwards, and downwards.
        """
        metrics = QFontMetricsF(self._tiny)
        text = format_shape(spec.shape)
        if metrics.horizontalAdvance(text) > room - 14 and spec.shape[:1] == (BATCH,) and spec.rank > 1:
            text = format_shape(spec.sample_shape)
        width = metrics.horizontalAdvance(text)
        left = x + max(7.0, (room - width) / 2) if room < width + 60 else x + 10
        if climbs and falls:
            left, top = x + 30, y - 7.0
        else:
            top = y + 3.0 if climbs else y - 16.5
        painter.fillRect(QRectF(left - 2, top + 1, width + 4, 12), self._palette.label)
        self._write(painter, self._tiny, self._palette.text, text, left, top, 1e4)

    def _write(
        self, painter: QPainter, font: QFont, color: QColor, text: str, x: float, y: float, room: float
    ) -> None:
        if not text:
            return
        key = (text, font.pixelSize(), room)
        made = self._made.get(key)
        if made is None:
            fits = len(text) * font.pixelSize() * _WIDEST < room  # asking the font takes ten times as long
            shown = text if fits else QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room)
            made = self._made[key] = QStaticText(shown)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        painter.setFont(font)
        painter.setPen(color)
        painter.drawStaticText(QPointF(x, y), made)
