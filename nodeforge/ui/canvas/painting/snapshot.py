"""Small pictures of a network, for cards."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from nodeforge.analysis.report import Report
from nodeforge.catalog import Kind
from nodeforge.core.graph import Graph
from nodeforge.ui.canvas.framing import frames
from nodeforge.ui.canvas.geometry.mirror import MARGIN, Mirror
from nodeforge.ui.canvas.painting.frame_painter import FramePainter
from nodeforge.ui.canvas.painting.painter import GraphPainter
from nodeforge.ui.canvas.painting.wire_painter import Frame
from nodeforge.ui.canvas.style import palette_for

_LEAST = QRectF(0, 0, 400, 240)


def thumbnail(graph: Graph, report: Report, known: Mapping[str, Kind], size: QSize, dark: bool) -> QImage:
    """A network made to fit a size in device pixels, without the marks of a checker.

    Args:
        graph: The network.
        report: What is known of its document.
        known: The kinds of its document.
        size: In device pixels.
        dark: Whether in the colours of the dark theme.
    """
    mirror = Mirror(graph, known)
    mirror.take_report(graph.name, report)
    mirror.states[:] = 0
    palette = palette_for(dark)
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(palette.background)
    area = _area(mirror)
    zoom = min(size.width() / area.width(), size.height() / area.height(), 2.0)
    with QPainter(image) as painter:
        painter.translate(size.width() / 2, size.height() / 2)
        painter.scale(zoom, zoom)
        painter.translate(-area.center())
        FramePainter().paint(painter, graph.drawing.frames, [area], zoom, palette)
        GraphPainter(mirror, palette).paint(painter, Frame([area], zoom, vector=True))
    return image


def _area(mirror: Mirror) -> QRectF:
    bounds = mirror.bounds().united(frames.bounds(mirror.graph.drawing.frames.values()))
    return bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) if not bounds.isEmpty() else QRectF(_LEAST)
