"""Discs of one size on the screen, set as pixmaps: a round pen takes ten times as long."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from nodeforge.ui.canvas.painting import batches


def draw_discs(painter: QPainter, centres: np.ndarray, color: QColor, across: float, ratio: float) -> None:
    """Draw discs at places, (k, 2), in units of a painter that moves and scales.

    Args:
        painter: Scales as much in x as in y.
        centres: Their middles.
        color: Of all.
        across: From edge to edge, in pixels.
        ratio: Device pixels in a pixel.
    """
    if not len(centres):
        return
    base = painter.worldTransform()
    disc = _disc(round(across * ratio, 2), color.rgba())
    corners = centres * base.m11() + (base.dx(), base.dy()) - disc.width() / ratio / 2
    painter.resetTransform()
    batches.draw_fragments(painter, disc, batches.on_pixels(corners, ratio), ratio)
    painter.setWorldTransform(base)


@lru_cache(maxsize=64)
def _disc(across: float, color: int) -> QPixmap:
    side = math.ceil(across) + 2
    disc = QPixmap(side, side)
    disc.fill(Qt.GlobalColor.transparent)
    with QPainter(disc) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor.fromRgba(color))
        painter.drawEllipse(QRectF((side - across) / 2, (side - across) / 2, across, across))
    return disc
