"""Paints frames and notes, below wires and nodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontMetricsF,
    QIcon,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QTextDocument,
    QTransform,
)

from nodeforge.core.drawing import Frame
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.painting.stamps import Stamps
from nodeforge.ui.canvas.style import CanvasPalette

CORNER = 10.0
PADDING = 14.0
"""Between the edge of a frame and its text."""
GAP_PX = 4.0
"""Between a frame and its title, on the screen."""
LEAST_TITLE_PX, MOST_TITLE_PX = 11.0, 26.0
_TITLE = 13.0
_TITLE_HEIGHT = 1.7
"""Of the plate, in sizes of its letters."""
_LEAST_HEIGHT = 1.4
"""Of a frame with a title, in heights of the plate."""
_LEAST_TITLE_WIDTH_PX = 60.0
"""A title that has to be shortened to less than this says nothing, and is not written."""
_TEXT_FROM = 0.3
"""Below this zoom texts cannot be read, and are not written."""
_HANDLE_PX = 7.0
_KEPT = 200
_SWATCH = 14

_LIGHT = {
    "grey": "#5b6575",
    "blue": "#2563c9",
    "teal": "#0b7480",
    "green": "#2a7a3d",
    "yellow": "#8a6700",
    "orange": "#b34f0a",
    "red": "#c02b3a",
    "violet": "#7341c4",
}
_DARK = {
    "grey": "#a3adbd",
    "blue": "#7db0fb",
    "teal": "#52c5cb",
    "green": "#74cf8a",
    "yellow": "#e2c152",
    "orange": "#f2a568",
    "red": "#f68d93",
    "violet": "#bb9df6",
}
_PAPER = {
    "grey": "#e4e7ec",
    "blue": "#dae7fd",
    "teal": "#d0eeef",
    "green": "#d8f1dc",
    "yellow": "#fcefb8",
    "orange": "#fde2c8",
    "red": "#fbd9dd",
    "violet": "#e8dcfb",
}
"""Grounds of the light theme: strong colours made pale by transparency turn muddy."""


def tint(color: str, *, dark: bool) -> QColor:
    """A colour of `core.drawing.COLORS` as a theme has it: strong enough to write on, and to be written with."""
    return QColor((_DARK if dark else _LIGHT).get(color, "#808080"))


def wash(color: str, *, dark: bool, note: bool) -> QColor:
    """The ground of a frame; that of a note is nearly opaque, so that it reads as a sheet of paper."""
    if dark:
        ground = tint(color, dark=True)
        ground.setAlphaF(0.20 if note else 0.10)
    else:
        ground = QColor(_PAPER.get(color, "#e8eaee"))
        ground.setAlphaF(0.92 if note else 0.60)
    return ground


def _mixed(color: QColor, ground: QColor, share: float) -> QColor:
    """A colour as if it lay on a ground, with that share of it."""
    return QColor.fromRgbF(
        share * color.redF() + (1 - share) * ground.redF(),
        share * color.greenF() + (1 - share) * ground.greenF(),
        share * color.blueF() + (1 - share) * ground.blueF(),
    )


def swatch(color: str, *, dark: bool) -> QIcon:
    """A disc of a frame's colour."""
    pixmap = QPixmap(_SWATCH * 2, _SWATCH * 2)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill("transparent")
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen("transparent")
        painter.setBrush(tint(color, dark=dark))
        painter.drawEllipse(1, 1, _SWATCH - 2, _SWATCH - 2)
    return QIcon(pixmap)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is special about frames at the moment: which are selected, and which the pointer is over."""

    selected: Collection[str] = ()
    hovered: str = ""


# Titles stay readable: below 100 % they keep their size on the screen, above they grow with the drawing.


def title_px(zoom: float) -> float:
    """The size of the letters of titles on the screen."""
    return min(max(_TITLE * zoom, LEAST_TITLE_PX), MOST_TITLE_PX)


def title_height(zoom: float) -> float:
    """How far a title stands out above its frame, in canvas units."""
    return (title_px(zoom) * _TITLE_HEIGHT + GAP_PX) / zoom


def title_area(frame: Frame, zoom: float) -> QRectF:
    """The plate over the upper edge, in canvas units; empty when there is no title or no room for one.

    A frame that is seen hardly higher than its title would be has none: among many such frames it would hide nodes.
    """
    left, top, width, height = frame.area
    px = title_px(zoom)
    if not frame.title or height * zoom < px * _TITLE_HEIGHT * _LEAST_HEIGHT:
        return QRectF()
    whole = _advance(frame.title, round(px)) + 1.3 * px
    wide = min(whole, width * zoom)
    if wide < min(whole, _LEAST_TITLE_WIDTH_PX):
        return QRectF()
    return QRectF(left, top - title_height(zoom), wide / zoom, px * _TITLE_HEIGHT / zoom)


@lru_cache(maxsize=50)
def _font(px: float) -> QFont:
    """The letters of titles; making them takes as long as writing."""
    return style.font(px, strong=True)


@lru_cache(maxsize=500)
def _advance(text: str, px: int) -> float:
    return QFontMetricsF(style.font(px, strong=True)).horizontalAdvance(text)


class FramePainter:
    """Paints frames; remembers how their texts were set.

    Args:
        keeps_titles: Whether titles are kept as images, as on a screen; in files they are shapes.
    """

    def __init__(self, *, keeps_titles: bool = False) -> None:
        self._texts: dict[tuple[str, float], QTextDocument] = {}
        self._titles = Stamps() if keeps_titles else None

    def paint(
        self,
        painter: QPainter,
        frames: Mapping[str, Frame],
        parts: Sequence[QRectF],
        zoom: float,
        palette: CanvasPalette,
        marks: Marks | None = None,
    ) -> None:
        """Paint what lies in any of some areas, the lowest first; the painter is in canvas units."""
        marks, area = marks or Marks(), reduce(QRectF.united, parts, QRectF())
        high = title_height(zoom)
        seen: dict[str, Frame] = {}
        plates: dict[str, QRectF] = {}
        for name, frame in frames.items():
            covered = QRectF(*frame.area).adjusted(0, -high, 0, 0)
            if area.intersects(covered) and any(part.intersects(covered) for part in parts):
                seen[name], plates[name] = frame, title_area(frame, zoom)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, zoom >= style.FLAT_BELOW)
        for name, frame in seen.items():
            self._paint_body(painter, frame, zoom, palette, hovered=name == marks.hovered)
            if frame.text and zoom >= _TEXT_FROM:
                self._write_text(painter, frame, area, palette)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for name, frame in seen.items():
            if name in marks.selected:
                _outline(painter, frame, zoom, palette)
            if not plates[name].isEmpty():
                self._show_title(painter, frame, plates[name], zoom, palette)
        painter.restore()

    def _paint_body(
        self, painter: QPainter, frame: Frame, zoom: float, palette: CanvasPalette, *, hovered: bool
    ) -> None:
        edge = tint(frame.color, dark=palette.dark)
        if not hovered:  # mixed, not translucent: translucent lines take a hundred times as long
            edge = _mixed(edge, palette.background, 0.55)
        painter.setPen(QPen(edge, max(1.25, 1.0 / zoom) if zoom >= style.FLAT_BELOW else 0.0))
        painter.setBrush(wash(frame.color, dark=palette.dark, note=bool(frame.text)))
        if zoom >= style.FLAT_BELOW:
            painter.drawRoundedRect(QRectF(*frame.area), CORNER, CORNER)
        else:
            painter.drawRect(QRectF(*frame.area))

    def _write_text(self, painter: QPainter, frame: Frame, area: QRectF, palette: CanvasPalette) -> None:
        inside = QRectF(*frame.area).adjusted(PADDING, PADDING * 0.8, -PADDING, -PADDING * 0.4)
        if inside.width() < 20 or inside.height() < 8:
            return
        text = self._text(frame.text, inside.width())
        context = QAbstractTextDocumentLayout.PaintContext()
        colors = QPalette()
        colors.setColor(QPalette.ColorRole.Text, palette.title)
        colors.setColor(QPalette.ColorRole.Link, tint("blue", dark=palette.dark))
        context.palette = colors
        context.clip = inside.intersected(area).translated(-inside.topLeft())
        painter.save()
        painter.setClipRect(inside, Qt.ClipOperation.IntersectClip)
        painter.translate(inside.topLeft())
        text.documentLayout().draw(painter, context)
        painter.restore()

    def _show_title(
        self, painter: QPainter, frame: Frame, plate: QRectF, zoom: float, palette: CanvasPalette
    ) -> None:
        """The plate with the title; in pixels, since letters are set at the size at which they are seen."""
        base = painter.worldTransform()
        here = _moved(base, plate.topLeft())
        size, px = plate.size() * zoom, title_px(zoom)
        if self._titles is None:
            painter.setWorldTransform(QTransform.fromScale(1 / zoom, 1 / zoom) * here)
            _write_title(painter, frame, size, px, palette)
        else:
            device = painter.device()
            self._titles.prepare(device, palette)
            key = (frame.title, frame.color, size.toTuple(), px)
            title = self._titles.get(key, size, lambda inner: _write_title(inner, frame, size, px, palette))
            painter.resetTransform()
            corner = batches.pixel_at(here.dx(), here.dy(), device.devicePixelRatioF())
            painter.drawImage(corner, title)
        painter.setWorldTransform(base)

    def _text(self, markdown: str, width: float) -> QTextDocument:
        text = self._texts.get((markdown, width))
        if text is None:
            if len(self._texts) >= _KEPT:
                self._texts.clear()
            text = self._texts[markdown, width] = text_document(markdown, width)
        return text


def text_document(markdown: str, width: float) -> QTextDocument:
    """Markdown set in canvas units. Nothing that it names is fetched, and HTML in it is text."""
    document = _Sealed()
    document.setDefaultFont(style.font(13))
    document.setDocumentMargin(0)
    document.setIndentWidth(18)
    document.setMarkdown(
        markdown,
        QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML,
    )
    document.setTextWidth(width)
    return document


class _Sealed(QTextDocument):
    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return None


def _outline(painter: QPainter, frame: Frame, zoom: float, palette: CanvasPalette) -> None:
    """The edge of a selected frame, with a handle at each corner."""
    area = QRectF(*frame.area)
    painter.setPen(QPen(palette.selection, 2.0 / zoom))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(area, CORNER, CORNER)
    side = _HANDLE_PX / zoom
    painter.setPen(QPen(palette.selection, 1.5 / zoom))
    painter.setBrush(palette.node)
    for corner in (area.topLeft(), area.topRight(), area.bottomLeft(), area.bottomRight()):
        painter.drawRect(QRectF(corner.x() - side / 2, corner.y() - side / 2, side, side))


def _write_title(painter: QPainter, frame: Frame, size: QSizeF, px: float, palette: CanvasPalette) -> None:
    """A plate with a title, from the origin on, in pixels."""
    plate = QRectF(QPointF(), size)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint(frame.color, dark=palette.dark))
    painter.drawRoundedRect(plate, px * 0.4, px * 0.4)
    font = _font(px)
    room = plate.adjusted(px * 0.6, 0, -px * 0.6, 0)
    words = frame.title
    if _advance(words, round(px)) > room.width() + 1:
        words = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(font)
    painter.setPen(palette.background if palette.dark else palette.node)
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, words)


def _moved(base: QTransform, origin: QPointF) -> QTransform:
    moved = QTransform(base)
    moved.translate(origin.x(), origin.y())
    return moved
