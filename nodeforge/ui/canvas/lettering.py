"""Every text on the canvas: prepared once, elided to the room it has."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from nodeforge.core.specs import BATCH, TensorSpec, format_shape
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.anatomy import Anatomy, Caption
from nodeforge.ui.canvas.style import CanvasPalette

_TEXT_LEFT = style.STRIP + 9
_TEXT_ROOM = style.NODE_WIDTH - _TEXT_LEFT - 9
_CACHE_LIMIT = 20_000
_WIDEST = 0.9
"""No text is wider than this share of its font's size for each sign."""


@dataclass(frozen=True, slots=True)
class _Face:
    """One font: to measure with, in canvas units, and to write with, in pixels."""

    measured: QFont
    written: QFont

    @property
    def size(self) -> int:
        return self.measured.pixelSize()


class Lettering:
    """Writes captions, ports and shapes.

    Texts are written in pixels, with fonts of the size that the zoom asks for: prepared texts are quick only
    where the painter does not scale.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, float], QStaticText] = {}
        self._scale = 0.0
        self._title = self._small = self._tiny = _Face(style.font(10), style.font(10))

    def begin(self, painter: QPainter, palette: CanvasPalette, zoom: float, *, scaled: bool) -> None:
        """A new frame.

        Args:
            painter: What the frame is painted with.
            palette: The colours.
            zoom: Pixels per canvas unit.
            scaled: Whether the painter shall scale the texts (pictures in files, which are enlarged).
        """
        self._palette = palette
        scale = 1.0 if scaled else zoom
        title = round(max(13.0, style.LEAST_TITLE_PX / zoom))
        if (scale, title) != (self._scale, self._title.size) or len(self._made) > _CACHE_LIMIT:
            self._made.clear()
            self._scale, self._scaled = scale, scaled
            dpi = painter.device().logicalDpiY()
            self._title = _face(title, scale, dpi, strong=True)
            self._small, self._tiny = _face(11, scale, dpi), _face(10, scale, dpi)

    def place(self, painter: QPainter, transform: QTransform) -> None:
        """Put the origin of what is written next where that transform (of canvas units) has its own."""
        if self._scaled:
            painter.setWorldTransform(transform)
        else:
            painter.setWorldTransform(QTransform.fromTranslate(transform.dx(), transform.dy()))

    def write_caption(
        self, painter: QPainter, caption: Caption, height: float, detailed: bool, *, stressed: bool = False
    ) -> None:
        """Title and, when there is detail, kind and parameter count; the origin is the node's corner.

        Args:
            painter: Placed by `place`.
            caption: What is written.
            height: Of the node.
            detailed: Whether there is room for more than the title.
            stressed: Whether the body is coloured, so that pale letters would be lost on it.
        """
        ink, muted = self._palette.title, self._palette.text
        visible = min(height, style.NODE_HEIGHT)
        if not detailed:  # large letters, so all the room there is
            left = style.STRIP + 5
            top = (visible - self._title.size * 1.36) / 2
            self._write(painter, self._title, ink, caption.title, left, top, style.NODE_WIDTH - left - 3)
        else:
            top = (visible - 33) / 2
            self._write(painter, self._title, ink, caption.title, _TEXT_LEFT, top, _TEXT_ROOM)
            self._write(
                painter,
                self._small,
                ink if stressed else muted,
                caption.subtitle,
                _TEXT_LEFT,
                top + 18,
                _TEXT_ROOM,
            )
            self._write(painter, self._tiny, muted, caption.count, 4, height + 4, style.NODE_WIDTH)

    def write_mark(self, painter: QPainter, text: str, height: float) -> None:
        """A short text in a pill on the lower edge, at the right: how often a network runs."""
        s, face = self._scale, self._small
        width = QFontMetricsF(face.measured).horizontalAdvance(text)
        pill = QRectF(style.NODE_WIDTH - width - 22, height - 9, width + 14, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._palette.category("Networks"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(
            QRectF(pill.x() * s, pill.y() * s, pill.width() * s, pill.height() * s), 9 * s, 9 * s
        )
        self._write(painter, face, self._palette.node, text, pill.x() + 7, pill.y() + 1.5, 1e4)

    def write_ports(self, painter: QPainter, anatomy: Anatomy) -> None:
        """The names of ports beside them."""
        metrics = QFontMetricsF(self._tiny.measured)
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
        metrics = QFontMetricsF(self._tiny.measured)
        text = format_shape(spec.shape)
        if metrics.horizontalAdvance(text) > room - 14 and spec.shape[:1] == (BATCH,) and spec.rank > 1:
            text = format_shape(spec.sample_shape)
        width = metrics.horizontalAdvance(text)
        left = x + max(7.0, (room - width) / 2) if room < width + 60 else x + 10
        if climbs and falls:
            left, top = x + 30, y - 7.0
        else:
            top = y + 3.0 if climbs else y - 16.5
        s = self._scale
        painter.fillRect(QRectF((left - 2) * s, (top + 1) * s, (width + 4) * s, 12 * s), self._palette.label)
        self._write(painter, self._tiny, self._palette.text, text, left, top, 1e4)

    def _write(
        self, painter: QPainter, face: _Face, color: QColor, text: str, x: float, y: float, room: float
    ) -> None:
        """Write a text with its top left corner at a place in canvas units from the origin."""
        if not text:
            return
        key = (text, face.size, room)
        made = self._made.get(key)
        if made is None:
            fits = len(text) * face.size * _WIDEST < room  # asking the font takes ten times as long
            shown = (
                text
                if fits
                else QFontMetricsF(face.measured).elidedText(text, Qt.TextElideMode.ElideRight, room)
            )
            made = self._made[key] = QStaticText(shown)
            made.setTextFormat(Qt.TextFormat.PlainText)
            made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        painter.setFont(face.written)
        painter.setPen(color)
        painter.drawStaticText(QPointF(x * self._scale, y * self._scale), made)


def _face(pixels: int, scale: float, dpi: int, *, strong: bool = False) -> _Face:
    written = style.font(pixels, strong=strong)
    written.setPointSizeF(pixels * scale * 72 / dpi)  # only points may be fractions
    return _Face(style.font(pixels, strong=strong), written)
