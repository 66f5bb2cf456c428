"""The dotted ground of the canvas."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.painting.wire_painter import Frame

_DOT_PX = 1.6
_LEAST_STEP_PX = 14


def draw_grid(painter: QPainter, frame: Frame, color: QColor) -> None:
    """Dots at the crossings of a grid that widens as the view is zoomed out.

    Rows are alike: one is drawn as a pixmap, and then set as often as it is needed.
    """
    step = style.GRID
    while step * frame.zoom < _LEAST_STEP_PX:
        step *= 2
    area, base, ratio = frame.area, painter.worldTransform(), frame.ratio

    def places(low: float, high: float, shift: float) -> np.ndarray:
        """In device pixels, so that every dot is equally sharp."""
        steps = np.arange(math.floor(low / step), math.ceil(high / step) + 1)
        return batches.on_pixels(steps * step * frame.zoom + shift, ratio) * ratio

    xs = places(area.left(), area.right(), base.dx())
    ys = places(area.top(), area.bottom(), base.dy())
    row = _row(tuple((xs - xs[0]).tolist()), max(1, round(_DOT_PX * ratio)), color.rgba())
    row.setDevicePixelRatio(ratio)
    painter.save()
    painter.resetTransform()
    corners = np.stack((np.full(len(ys), xs[0]), ys), axis=1)
    batches.draw_fragments(painter, row, corners / ratio, ratio)
    painter.restore()


@lru_cache(maxsize=4)
def _row(xs: tuple[float, ...], side: int, color: int) -> QPixmap:
    """Squares of a colour at some distances from the left edge, in device pixels."""
    row = QPixmap(int(xs[-1]) + side, side)
    row.fill(Qt.GlobalColor.transparent)
    squares = np.zeros((len(xs), 4))
    squares[:, 0], squares[:, 2:] = xs, side
    with QPainter(row) as painter:
        painter.setPen(Qt.PenStyle.NoPen)
        batches.fill_rects(painter, squares, QColor.fromRgba(color))
    return row
