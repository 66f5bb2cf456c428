"""Many lines, rectangles or pixmaps in one call: numpy's memory is handed to Qt as it is.

Every array holds float64, is contiguous, and outlives the call that draws it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap
from shiboken6 import Shiboken


def _as(kind: type, array: np.ndarray) -> Any:
    """The first of an array's rows as a Qt value; Qt finds the others behind it."""
    assert array.dtype == np.float64
    assert array.flags.c_contiguous
    return Shiboken.wrapInstance(array.ctypes.data, kind)


def on_pixels(place: np.ndarray, ratio: float) -> np.ndarray:
    """The nearest places, in pixels, that are whole device pixels.

    Halves always go up: were they to go to the even number, a picture that is scrolled would differ from one that is
    painted anew.
    """
    return np.asarray(np.floor(place * ratio + 0.5) / ratio)


def pixel_at(x: float, y: float, ratio: float) -> QPointF:
    """The nearest point on a whole device pixel, as `on_pixels` has it."""
    return QPointF(math.floor(x * ratio + 0.5) / ratio, math.floor(y * ratio + 0.5) / ratio)


def grouped(keys: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Each key, in order, with the places where it stands."""
    if not len(keys):
        return
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    yield from zip(ordered[starts].tolist(), np.split(order, starts[1:]), strict=True)


def draw_lines(painter: QPainter, lines: np.ndarray, pen: QPen) -> None:
    """Draw lines, (k, 4): x and y of both ends."""
    if len(lines):
        painter.setPen(pen)
        painter.drawLines(_as(QLineF, lines), len(lines))


def draw_curves(painter: QPainter, controls: np.ndarray, pen: QPen) -> None:
    """Draw cubic curves, (k, 8): x and y of start, handles and end."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen)
    for x, y, *handles_and_end in controls.tolist():
        path = QPainterPath(QPointF(x, y))
        path.cubicTo(*handles_and_end)
        painter.drawPath(path)


def fill_rects(painter: QPainter, rects: np.ndarray, color: QColor | Qt.BrushStyle) -> None:
    """Fill rectangles, (k, 4): left, top, width, height; the painter has no pen."""
    if len(rects):
        painter.setBrush(color)
        painter.drawRects(_as(QRectF, rects), len(rects))


def draw_points(painter: QPainter, points: np.ndarray) -> None:
    """Draw points, (k, 2), with the painter's pen."""
    if len(points):
        painter.drawPoints(_as(QPointF, points), len(points))


def draw_fragments(painter: QPainter, pixmap: QPixmap, corners: np.ndarray, ratio: float) -> None:
    """Draw a pixmap at corners, (k, 2) in pixels, where a pixel has `ratio` device pixels."""
    size = np.array((pixmap.width(), pixmap.height()), np.float64)
    fragments = np.zeros((len(corners), 10))  # x, y of the middle; source; size; scale; rotation; opacity
    fragments[:, 0:2] = corners + size / ratio / 2
    fragments[:, 4:6] = size
    fragments[:, 6:8] = 1.0 / ratio
    fragments[:, 9] = 1.0
    painter.drawPixmapFragments(_as(QPainter.PixmapFragment, fragments), len(fragments), pixmap)
