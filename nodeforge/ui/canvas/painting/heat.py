"""Nodes coloured by a number, the warmer the larger, with the number beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.style import CanvasPalette

STEPS = 8
"""Shades that are told apart where many nodes are painted at once."""
_STRONGEST = 0.62
_LETTERS = 10.0
_LEAST_PX = 8.5
"""Numbers are written larger where they would be smaller than this on the screen."""


@dataclass(frozen=True, slots=True)
class Heat:
    """What a node is coloured by.

    Attributes:
        share: Beside the largest of all nodes, from 0 to 1.
        text: The number.
    """

    share: float
    text: str = ""


def shade(share: float, palette: CanvasPalette) -> QColor:
    """The veil over a node; its square root lets small shares be seen as well."""
    color = QColor(palette.heat)
    color.setAlphaF(_STRONGEST * float(np.sqrt(min(1.0, max(0.0, share)))))
    return color


def paint_veil(painter: QPainter, heat: Heat, size: QSizeF, palette: CanvasPalette) -> None:
    """Colour a body of that size; the origin is its corner, in canvas units."""
    if heat.share > 0:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade(heat.share, palette))
        painter.drawRoundedRect(QRectF(QPointF(), size), style.CORNER, style.CORNER)


def paint_tag(painter: QPainter, heat: Heat, size: QSizeF, palette: CanvasPalette, zoom: float) -> None:
    """Write the number at the lower right corner of a node, on a ground of its own, large enough for the zoom."""
    if not heat.text:
        return
    scale = max(1.0, _LEAST_PX / (_LETTERS * zoom))
    font = style.font(_LETTERS * scale, strong=True)
    width, depth = QFontMetricsF(font).horizontalAdvance(heat.text) + 12 * scale, 15 * scale
    field = QRectF(size.width() - width - 6, size.height() - depth / 2, width, depth)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(palette.heat, scale))
    painter.setBrush(palette.node)
    painter.drawRoundedRect(field, depth / 2, depth / 2)
    painter.setFont(font)
    painter.setPen(palette.title)
    painter.drawText(field, Qt.AlignmentFlag.AlignCenter, heat.text)


def paint_veils(painter: QPainter, rects: np.ndarray, shares: np.ndarray, palette: CanvasPalette) -> None:
    """Colour many nodes in few calls; painter and rects (k, 4) have the same units, shares (k,) go with them."""
    painter.setPen(Qt.PenStyle.NoPen)
    steps = np.ceil(np.sqrt(shares) * STEPS)
    for step in np.unique(steps[steps > 0]).tolist():
        batches.fill_rects(painter, rects[steps == step], shade((step / STEPS) ** 2, palette))
