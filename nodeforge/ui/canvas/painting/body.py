"""The body of a node, drawn as vectors in canvas units: for sprites, pictures in files, and large zooms."""

from __future__ import annotations

import functools
import math

from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from nodeforge.catalog import kinds
from nodeforge.ui import icons
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.geometry.anatomy import Anatomy, Look
from nodeforge.ui.canvas.geometry.mirror import State
from nodeforge.ui.canvas.style import CanvasPalette

BLEED = 14.0
"""How far a body's shadow, ring and badge stand out."""
_GLYPH = 24.0
_BYPASSED = 0.45
_MUTED_GLYPH = 0.45


def paint_body(painter: QPainter, look: Look, state: int, palette: CanvasPalette) -> None:
    """Draw everything of a node but its texts; the origin is its top left corner."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    anatomy = look.anatomy
    rect = QRectF(0, 0, anatomy.width, anatomy.height)
    ring = _ring_color(state, palette)
    if ring is not None:
        _paint_ring(painter, rect, ring)
    painter.setOpacity(_BYPASSED if look.mode == "bypassed" else 1.0)
    _paint_shadow(painter, rect, palette)
    border = _border_pen(state, palette)
    if look.mode == "bypassed":
        border.setDashPattern([4.0 / border.widthF(), 3.0 / border.widthF()])
    if look.network:
        _paint_sheets(painter, rect, border, palette)
    outline = QPainterPath()
    outline.addRoundedRect(rect, style.CORNER, style.CORNER)
    painter.fillPath(outline, palette.idle if look.mode == "muted" else palette.node)
    _paint_strip(painter, rect, outline, look, palette)
    painter.setOpacity(1.0)
    painter.setPen(border)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline)
    if look.mode == "bypassed":
        _paint_way_through(painter, anatomy, palette)
    _paint_ports(painter, look, palette)
    _paint_signs(painter, look, rect, state, palette)


def _paint_signs(painter: QPainter, look: Look, rect: QRectF, state: int, palette: CanvasPalette) -> None:
    """What tells at a glance what is special about a node."""
    if look.mode == "muted":
        _paint_stop(painter, look, palette)
    if look.shares:
        _paint_link(painter, rect, palette)
    if look.locked:
        _paint_lock(painter, rect, palette)
    middle = QPointF(rect.right() - style.BADGE_INSET[0], style.BADGE_INSET[1])
    if state & State.ERROR:
        _paint_badge(painter, middle, palette.error, round_sign=True)
    elif state & State.WARNING:
        _paint_badge(painter, middle, palette.warning, round_sign=False)


def _paint_way_through(painter: QPainter, anatomy: Anatomy, palette: CanvasPalette) -> None:
    """A dashed line from the first input to the first output: that is all a bypassed node does."""
    start, end = (next(iter(ports.values()), None) for ports in (anatomy.inputs, anatomy.outputs))
    if start is not None and end is not None:
        painter.setPen(QPen(palette.wire, 1.6, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(*start), QPointF(*end))


def _paint_stop(painter: QPainter, look: Look, palette: CanvasPalette) -> None:
    """A crossed-out disc over the kind's sign: nothing comes out of the node."""
    anatomy = look.anatomy
    radius = _GLYPH / 2 + 1.0
    middle = QPointF(style.STRIP / 2 + 0.5, anatomy.head + anatomy.face / 2)
    if anatomy.small:
        radius = anatomy.height / 4
        middle = QPointF(anatomy.width - 12.0, anatomy.height / 2)
    painter.setPen(QPen(palette.text, 2.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(middle, radius, radius)
    edge = QPointF(radius, radius) * math.sqrt(0.5)
    painter.drawLine(middle - edge, middle + edge)


def _paint_shadow(painter: QPainter, rect: QRectF, palette: CanvasPalette) -> None:
    """A soft shadow a little below the body; none in a palette without shadows."""
    if not palette.shadow.alpha():
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    bleed = QMarginsF(BLEED, BLEED, BLEED, BLEED)
    painter.drawImage(
        rect.translated(0, 3) + bleed, _shadow(rect.width(), rect.height(), palette.shadow.rgba())
    )


@functools.cache
def _shadow(width: float, height: float, color: int) -> QImage:
    """The shadow of a body of that size, drawn so small that enlarging it blurs it."""
    shrunk = 1 / 7
    full = QSizeF(width + 2 * BLEED, height + 2 * BLEED)
    image = QImage((full * shrunk).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(image.width() / full.width(), image.height() / full.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor.fromRgba(color))
        body = QRectF(BLEED, BLEED, width, height)
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
    color = palette.text if look.mode == "muted" else palette.category(look.category)
    anatomy = look.anatomy
    tint = QColor(color)
    tint.setAlphaF(0.20 if palette.dark else 0.14)
    if anatomy.small:
        tint.setAlphaF(0.75)
    strip = QPainterPath()
    strip.addRect(QRectF(0, 0, style.SMALL_STRIP if anatomy.small else style.STRIP, rect.height()))
    painter.fillPath(outline.intersected(strip), tint)
    if anatomy.small:
        return
    if look.category:
        top = anatomy.head + (anatomy.face - _GLYPH) / 2
        square = QRectF((style.STRIP - _GLYPH) / 2 + 1, top, _GLYPH, _GLYPH)
        painter.save()
        painter.setOpacity(painter.opacity() * (_MUTED_GLYPH if look.mode == "muted" else 1.0))
        kind = None if look.network else kinds().get(look.kind)
        icons.paint_sign(painter, square, look.category, color, kind)
        painter.restore()
    else:
        painter.setPen(palette.text)
        painter.setFont(style.font(20, strong=True))
        field = QRectF(0, anatomy.head, style.STRIP, anatomy.face)
        painter.drawText(field, Qt.AlignmentFlag.AlignCenter, "?")


def _paint_sheets(painter: QPainter, rect: QRectF, border: QPen, palette: CanvasPalette) -> None:
    """Two more sheets behind the body: there is a drawing inside."""
    painter.setPen(border)
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
    radius = style.PORT_RADIUS - (2.4 if look.anatomy.small else 0.9)
    for x, y in (*look.anatomy.inputs.values(), *look.anatomy.outputs.values()):
        painter.drawEllipse(QPointF(x, y), radius, radius)


def _paint_badge(painter: QPainter, middle: QPointF, color: QColor, *, round_sign: bool) -> None:
    """A disc for an error, a triangle for a warning, so that shape tells them apart as well as colour."""
    x, y = middle.x(), middle.y()
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
