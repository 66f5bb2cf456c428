"""The body of a node, drawn as vectors in canvas units: for sprites, pictures in files, and large zooms."""

from __future__ import annotations

import functools

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from nodeforge.catalog import kinds
from nodeforge.ui import icons
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.anatomy import Look
from nodeforge.ui.canvas.mirror import State
from nodeforge.ui.canvas.style import CanvasPalette

BLEED = 14.0
"""How far a body's shadow, ring and badge stand out."""
_GLYPH = 24.0


def paint_body(painter: QPainter, look: Look, state: int, palette: CanvasPalette) -> None:
    """Draw everything of a node but its texts; the origin is its top left corner."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rect = QRectF(0, 0, style.NODE_WIDTH, look.anatomy.height)
    _paint_shadow(painter, rect, palette)
    ring = _ring_color(state, palette)
    if ring is not None:
        _paint_ring(painter, rect, ring)
    if look.network:
        _paint_sheets(painter, rect, state, palette)
    outline = QPainterPath()
    outline.addRoundedRect(rect, style.CORNER, style.CORNER)
    painter.fillPath(outline, palette.node)
    _paint_strip(painter, rect, outline, look, palette)
    painter.setPen(_border_pen(state, palette))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline)
    _paint_ports(painter, look, palette)
    if look.shares:
        _paint_link(painter, rect, palette)
    if look.locked:
        _paint_lock(painter, rect, palette)
    if state & State.ERROR:
        _paint_badge(painter, palette.error, round_sign=True)
    elif state & State.WARNING:
        _paint_badge(painter, palette.warning, round_sign=False)


def _paint_shadow(painter: QPainter, rect: QRectF, palette: CanvasPalette) -> None:
    """A soft shadow a little below the body."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    bleed = QMarginsF(BLEED, BLEED, BLEED, BLEED)
    painter.drawImage(rect.translated(0, 3) + bleed, _shadow(rect.height(), palette.shadow.rgba()))


@functools.cache
def _shadow(height: float, color: int) -> QImage:
    """The shadow of a body of that height, drawn so small that enlarging it blurs it."""
    shrunk = 1 / 7
    full = QSizeF(style.NODE_WIDTH + 2 * BLEED, height + 2 * BLEED)
    image = QImage((full * shrunk).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(image.width() / full.width(), image.height() / full.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor.fromRgba(color))
        body = QRectF(BLEED, BLEED, style.NODE_WIDTH, height)
        painter.drawRoundedRect(body, style.CORNER, style.CORNER)
    return image


def _ring_color(state: int, palette: CanvasPalette) -> QColor | None:
    if state & State.LIT:
        return palette.lit
    return palette.selection if state & State.SELECTED else None


def _paint_ring(painter: QPainter, rect: QRectF, color: QColor) -> None:
    faint = QColor(color)
    faint.setAlphaF(0.28)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faint)
    painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 4), style.CORNER + 4, style.CORNER + 4)


def _border_pen(state: int, palette: CanvasPalette) -> QPen:
    if state & (State.LIT | State.SELECTED):
        return QPen(palette.lit if state & State.LIT else palette.selection, 2.0)
    if state & State.ERROR:
        return QPen(palette.error, 1.6)
    if state & State.HOVERED:
        return QPen(palette.hover, 1.6)
    return QPen(palette.warning if state & State.WARNING else palette.border, 1.0)


def _paint_strip(
    painter: QPainter, rect: QRectF, outline: QPainterPath, look: Look, palette: CanvasPalette
) -> None:
    tint = QColor(palette.category(look.category))
    tint.setAlphaF(0.20 if palette.dark else 0.14)
    strip = QPainterPath()
    strip.addRect(QRectF(0, 0, style.STRIP, rect.height()))
    painter.fillPath(outline.intersected(strip), tint)
    if look.category:
        top = (min(rect.height(), style.NODE_HEIGHT) - _GLYPH) / 2
        square = QRectF((style.STRIP - _GLYPH) / 2 + 1, top, _GLYPH, _GLYPH)
        painter.save()
        kind = None if look.network else kinds().get(look.kind)
        icons.paint_sign(painter, square, look.category, palette.category(look.category), kind)
        painter.restore()
    else:
        painter.setPen(palette.text)
        painter.setFont(style.font(20, strong=True))
        field = QRectF(0, 0, style.STRIP, min(rect.height(), style.NODE_HEIGHT))
        painter.drawText(field, Qt.AlignmentFlag.AlignCenter, "?")


def _paint_sheets(painter: QPainter, rect: QRectF, state: int, palette: CanvasPalette) -> None:
    """Two more sheets behind the body: there is a drawing inside."""
    painter.setPen(_border_pen(state, palette))
    for sheet in (2, 1):
        fill = QColor(palette.node)
        painter.setBrush(fill.darker(100 + 7 * sheet) if not palette.dark else fill.darker(100 + 14 * sheet))
        inset = 5.0 * sheet
        painter.drawRoundedRect(rect.adjusted(inset, -4.0 * sheet, -inset, -8), style.CORNER, style.CORNER)


def _paint_link(painter: QPainter, rect: QRectF, palette: CanvasPalette) -> None:
    """Two links of a chain at the lower edge: the weights are another node's."""
    field = QRectF(style.STRIP / 2 - 12, rect.bottom() - 8, 24, 16)
    painter.setPen(QPen(palette.border, 1.0))
    painter.setBrush(palette.node)
    painter.drawRoundedRect(field, 8, 8)
    painter.setPen(QPen(palette.selection, 1.7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    middle = field.center()
    for side in (-1, 1):
        link = QRectF(0, 0, 9, 6)
        link.moveCenter(middle + QPointF(side * 3.2, 0))
        painter.drawRoundedRect(link, 3, 3)


def _paint_lock(painter: QPainter, rect: QRectF, palette: CanvasPalette) -> None:
    """A padlock at the lower right corner: its code does not run."""
    field = QRectF(rect.right() - 26, rect.bottom() - 11, 20, 20)
    painter.setPen(QPen(palette.error, 1.2))
    painter.setBrush(palette.node)
    painter.drawEllipse(field)
    x, y = field.center().x(), field.center().y()
    painter.setPen(QPen(palette.error, 1.7))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawArc(QRectF(x - 2.9, y - 6.4, 5.8, 8), 0, 180 * 16)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(palette.error)
    painter.drawRoundedRect(QRectF(x - 4.6, y - 1.8, 9.2, 6.6), 1.4, 1.4)


def _paint_ports(painter: QPainter, look: Look, palette: CanvasPalette) -> None:
    painter.setPen(QPen(palette.wire, 1.8))
    painter.setBrush(palette.node)
    places = [(0.0, y) for y in look.anatomy.inputs.values()]
    places += [(style.NODE_WIDTH, y) for y in look.anatomy.outputs.values()]
    for x, y in places:
        painter.drawEllipse(QPointF(x, y), style.PORT_RADIUS - 0.9, style.PORT_RADIUS - 0.9)


def _paint_badge(painter: QPainter, color: QColor, *, round_sign: bool) -> None:
    """A disc for an error, a triangle for a warning, so that shape tells them apart as well as colour."""
    x, y = style.BADGE_CENTRE
    r = style.BADGE_RADIUS
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    if round_sign:
        painter.drawEllipse(QPointF(x, y), r, r)
    else:
        painter.setPen(QPen(color, 3, j=Qt.PenJoinStyle.RoundJoin))
        corners = [QPointF(x, y - r + 1), QPointF(x + r - 0.5, y + r - 2), QPointF(x - r + 0.5, y + r - 2)]
        painter.drawPolygon(QPolygonF(corners))
        y += 1
    painter.setPen(QPen(QColor("white"), 1.9, c=Qt.PenCapStyle.RoundCap))
    painter.drawLine(QPointF(x, y - r * 0.5), QPointF(x, y + r * 0.08))
    painter.drawPoint(QPointF(x, y + r * 0.5))
