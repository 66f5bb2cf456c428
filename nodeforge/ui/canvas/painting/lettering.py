"""Every text on the canvas: prepared once, elided to the room it has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QStaticText, QTransform

from nodeforge.core.specs import BATCH, TensorSpec, format_shape
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.anatomy import Anatomy, Caption
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.painting.stamps import Stamps
from nodeforge.ui.canvas.style import CanvasPalette

_TEXT_LEFT = style.STRIP + 9
_TEXT_RIGHT = 9
_LARGEST_SMALL = 22
"""Letters higher than this do not fit on a node that is drawn small."""
_WORD = re.compile(r"[A-Z]?[^A-Z]+|[A-Z]+(?![a-z])")
_CACHE_LIMIT = 20_000
_MARGIN = 20.0
"""How far a text under a node may stand out to the left."""
_BASELINE = 0.93
"""How far down, in its size, letters of a face stand."""
_WIDEST = 0.9
"""No text is wider than this share of its font's size for each sign."""


@dataclass(frozen=True, slots=True)
class _Face:
    """One font: to measure with, in canvas units, and to write with, in pixels."""

    measured: QFont
    written: QFont
    size: int


class Lettering:
    """Writes captions, ports and shapes.

    Texts are written in pixels, with fonts of the size that the zoom asks for: prepared texts are quick only
    where the painter does not scale.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, float], tuple[QStaticText, _Face]] = {}
        self._lines: dict[tuple[str, str, float], tuple[str, ...]] = {}
        self._widths: dict[tuple[str, int], float] = {}
        self._labels = Stamps()
        self._scale = 0.0
        self._title: tuple[_Face, ...] = (_Face(style.font(10), style.font(10), 10),)
        self._small = self._tiny = self._title

    def begin(self, painter: QPainter, palette: CanvasPalette, zoom: float, *, scaled: bool) -> None:
        """A new frame.

        Args:
            painter: What the frame is painted with.
            palette: The colours.
            zoom: Pixels per canvas unit.
            scaled: Whether the painter shall scale the texts (pictures in files, which are enlarged).
        """
        self._palette = palette
        self._labels.prepare(painter.device(), zoom, palette)
        scale = 1.0 if scaled else zoom
        title = round(max(13.0, style.LEAST_TITLE_PX / zoom))
        if (scale, title) != (self._scale, self._title[0].size) or len(self._made) > _CACHE_LIMIT:
            self._made.clear()
            self._widths.clear()
            self._scale, self._scaled = scale, scaled
            dpi = painter.device().logicalDpiY()
            self._title = tuple(_face(size, scale, dpi, strong=True) for size in (title, title - 2))
            self._small, self._tiny = (_face(11, scale, dpi),), (_face(10, scale, dpi),)

    def place(self, painter: QPainter, transform: QTransform) -> None:
        """Put the origin of what is written next where that transform (of canvas units) has its own."""
        if self._scaled:
            painter.setWorldTransform(transform)
        else:
            painter.setWorldTransform(QTransform.fromTranslate(transform.dx(), transform.dy()))

    def write_caption(
        self,
        painter: QPainter,
        caption: Caption,
        anatomy: Anatomy,
        detailed: bool,
        *,
        stressed: bool,
        faded: bool,
    ) -> None:
        """Title and, when there is detail, kind and parameter count; the origin is the node's corner.

        Args:
            painter: Placed by `place`.
            caption: What is written.
            anatomy: Of the node.
            detailed: Whether there is room for more than the title.
            stressed: Whether the body is coloured, so that pale letters would be lost on it.
            faded: Whether the node does not work at the moment.
        """
        ink, muted = self._palette.text if faded else self._palette.title, self._palette.text
        face, top = anatomy.face, anatomy.head
        if anatomy.small or not detailed:  # large letters, so all the room there is
            left = (style.SMALL_STRIP if anatomy.small else style.STRIP) + 5
            size = self._title[-1 if anatomy.small else 0].size
            if not anatomy.small or size <= _LARGEST_SMALL:
                top += (face - size * 1.36) / 2
                faces = self._title[1:] if anatomy.small else self._title[:1]
                self._write(painter, faces, ink, caption.title, left, top, anatomy.width - left - 4)
            return
        room = anatomy.width - _TEXT_LEFT - _TEXT_RIGHT
        lines = self.lines_of(caption, room)
        top += (face - 33 if len(lines) == 1 else face - 43) / 2
        self._write(painter, self._title, ink, caption.title, _TEXT_LEFT, top, room)
        small = (*self._small, *self._tiny) if len(lines) == 1 else self._tiny
        for number, line in enumerate(lines):
            at = top + 18 + 12 * number
            self._write(painter, small, ink if stressed else muted, line, _TEXT_LEFT, at, room)
        self._write_below(painter, muted, caption.count, anatomy, 4)

    def lines_of(self, caption: Caption, room: float) -> tuple[str, ...]:
        """Kind and values on one line, or on two smaller ones where they do not fit."""
        key = (caption.kind, caption.values, room)
        lines = self._lines.get(key)
        if lines is None:
            lines = (caption.subtitle,)
            if self._width(caption.subtitle, self._small[0]) > room:
                parts = [*_WORD.findall(caption.kind), *([f"  {caption.values}"] if caption.values else [])]
                first = ""
                while parts and self._width(first + parts[0], self._tiny[0]) <= room:
                    first += parts.pop(0)
                lines = (first, "".join(parts).strip()) if first and parts else lines
            self._lines[key] = lines
        return lines

    def _write_below(self, painter: QPainter, color: QColor, text: str, anatomy: Anatomy, gap: float) -> None:
        """A short text under a node, clear of wires that leave there."""
        if not anatomy.down:
            self._write(painter, self._tiny, color, text, 4, anatomy.height + gap, anatomy.width)
        elif text:
            right = min((x for x, _ in anatomy.outputs.values()), default=anatomy.width) - 8
            room = right + _MARGIN
            width = min(room, self._width(text, self._tiny[0]) + 1)
            self._write(painter, self._tiny, color, text, right - width, anatomy.height + gap, room)

    def write_mark(self, painter: QPainter, text: str, anatomy: Anatomy) -> None:
        """A short text in a pill on the lower edge, at the right: how often a network runs."""
        s, faces = self._scale, self._small
        width = self._width(text, faces[0])
        pill = QRectF(anatomy.width - width - 22, anatomy.height - 9, width + 14, 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._palette.category("Networks"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawRoundedRect(
            QRectF(pill.x() * s, pill.y() * s, pill.width() * s, pill.height() * s), 9 * s, 9 * s
        )
        self._write(painter, faces, self._palette.node, text, pill.x() + 7, pill.y() + 1.5, 1e4)

    def write_ports(self, painter: QPainter, anatomy: Anatomy) -> None:
        """The names of ports beside them."""
        if anatomy.down:
            self._write_ports_upright(painter, anatomy)
            return
        whole = anatomy.width - _TEXT_LEFT - _TEXT_RIGHT
        room = {y: whole for _, y in anatomy.inputs.values()}
        for name, (x, y) in anatomy.outputs.items():
            width = self._width(name, self._tiny[0])
            self._write(painter, self._tiny, self._palette.text, name, x - 10 - width, y - 7, whole)
            if y in room:
                room[y] -= width + 8
        for name, (_, y) in anatomy.inputs.items():
            self._write(painter, self._tiny, self._palette.text, name, _TEXT_LEFT, y - 7, room[y])

    def _write_ports_upright(self, painter: QPainter, anatomy: Anatomy) -> None:
        for ports, top in ((anatomy.inputs, 4.0), (anatomy.outputs, anatomy.height - 18.0)):
            room = anatomy.width / max(1, len(ports)) - 4
            for name, (x, _) in ports.items():
                width = min(room, self._width(name, self._tiny[0]))
                self._write(painter, self._tiny, self._palette.text, name, x - width / 2, top, room)

    def write_live(self, painter: QPainter, text: str, anatomy: Anatomy) -> None:
        """A short text under a node, on the line after its parameter count."""
        self._write_below(painter, self._palette.lit, text, anatomy, 17)

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
        down: bool,
    ) -> None:
        """A shape at the start of its wires, clear of them; without the batch axis where the room is short.

        Args:
            painter: Paints in canvas units.
            spec: What flows.
            x, y: The output port.
            room: How far the nearest end of a wire is away.
            climbs, falls: Whether wires leave upwards, and downwards.
            down: Whether wires leave below the node, and not on its right.
        """
        text, face = format_shape(spec.shape), self._tiny[0]
        has_batch = spec.shape[:1] == (BATCH,) and spec.rank > 1
        if has_batch and not down and self._width(text, face) > room - 14:
            text = format_shape(spec.sample_shape)
        width = self._width(text, face)
        left = x + max(7.0, (room - width) / 2) if room < width + 60 else x + 10
        if down:
            left, top = x + 7, y + 6.0
        elif climbs and falls:
            left, top = x + 30, y - 7.0
        else:
            top = y + 3.0 if climbs else y - 16.5
        left -= 2  # the ground stands out by this much
        if self._scaled:
            painter.translate(left, top)
            self._paint_label(painter, text, width)
            painter.translate(-left, -top)
        else:
            self._stamp_label(painter, text, width, left, top)

    def _paint_label(self, painter: QPainter, text: str, width: float) -> None:
        s = self._scale
        painter.fillRect(QRectF(0, s, (width + 4) * s, 12 * s), self._palette.label)
        self._write(painter, self._tiny, self._palette.text, text, 2, 0, 1e4)

    def _stamp_label(self, painter: QPainter, text: str, width: float, left: float, top: float) -> None:
        """A label as an image, on whole device pixels."""
        s, base, ratio = self._scale, painter.worldTransform(), painter.device().devicePixelRatioF()
        label = self._labels.get(
            text, QSizeF((width + 4) * s, 14 * s), lambda inner: self._paint_label(inner, text, width)
        )
        painter.resetTransform()
        painter.drawImage(batches.pixel_at(base.dx() + left * s, base.dy() + top * s, ratio), label)
        painter.setWorldTransform(base)

    def _width(self, text: str, face: _Face) -> float:
        """Of a text in a face, in canvas units."""
        width = self._widths.get((text, face.size))
        if width is None:
            width = QFontMetricsF(face.measured).horizontalAdvance(text)
            self._widths[text, face.size] = width
        return width

    def _write(
        self,
        painter: QPainter,
        faces: tuple[_Face, ...],
        color: QColor,
        text: str,
        x: float,
        y: float,
        room: float,
    ) -> None:
        """Write a text with its top left corner at a place in canvas units from the origin.

        It is written in the first face that it fits in, and cut if it does not fit in the last.
        """
        if not text:
            return
        key = (text, faces[0].size, room)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _prepared(text, faces, room)
        shown, face = made
        painter.setFont(face.written)
        painter.setPen(color)
        lower = (faces[0].size - face.size) * _BASELINE
        painter.drawStaticText(QPointF(x * self._scale, (y + lower) * self._scale), shown)


def _prepared(text: str, faces: tuple[_Face, ...], room: float) -> tuple[QStaticText, _Face]:
    face, shown = faces[0], text
    if len(text) * face.size * _WIDEST >= room:  # asking the font takes ten times as long
        fitting = (f for f in faces if QFontMetricsF(f.measured).horizontalAdvance(text) <= room)
        face = next(fitting, faces[-1])
        shown = QFontMetricsF(face.measured).elidedText(text, Qt.TextElideMode.ElideRight, room + 0.5)
    made = QStaticText(shown)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    return made, face


def _face(pixels: int, scale: float, dpi: int, *, strong: bool = False) -> _Face:
    written = style.font(pixels, strong=strong)
    written.setPointSizeF(pixels * scale * 72 / dpi)  # only points may be fractions
    return _Face(style.font(pixels, strong=strong), written, pixels)
