"""Pictures of a network, for cards and for files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QRectF, QSize
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from nodeforge.analysis.report import Report
from nodeforge.catalog import Kind
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph
from nodeforge.project import files
from nodeforge.ui.canvas.mirror import MARGIN, Mirror
from nodeforge.ui.canvas.painter import GraphPainter
from nodeforge.ui.canvas.style import CanvasPalette, palette_for
from nodeforge.ui.canvas.wire_painter import Frame

_SCALE = 2.0
_MAX_SIDE = 16_000
_LEAST = QRectF(0, 0, 400, 240)


def thumbnail(
    graph: Graph, report: Report, size: QSize, dark: bool, known: Mapping[str, Kind] | None = None
) -> QImage:
    """A network made to fit a size in device pixels, without the marks of a checker.

    Args:
        graph: The network.
        report: What is known of its document.
        size: In device pixels.
        dark: Whether in the colours of the dark theme.
        known: The kinds of the document; the catalog alone when None.
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
        GraphPainter(mirror, palette).paint(painter, Frame(area, zoom, vector=True))
    return image


def export(mirror: Mirror, palette: CanvasPalette, path: Path) -> None:
    """Write all of a mirror as SVG or PNG.

    Raises:
        UserError: The file cannot be written, or its ending is another.
    """
    formats = {".svg": _svg, ".png": _png}
    make = formats.get(path.suffix.lower())
    if make is None:
        raise UserError(
            f"{path.name}: a picture is written as .png or .svg; give the file one of these endings."
        )
    files.write_atomic(path, make(mirror, palette, _area(mirror)))


def _svg(mirror: Mirror, palette: CanvasPalette, area: QRectF) -> bytes:
    buffer = QBuffer()
    target = QSvgGenerator()
    target.setOutputDevice(buffer)
    target.setSize(area.size().toSize())
    target.setViewBox(QRectF(0, 0, area.width(), area.height()))
    target.setTitle("Network")
    with QPainter(target) as painter:
        _paint(painter, mirror, palette, area)
    return bytes(buffer.data().data())


def _png(mirror: Mirror, palette: CanvasPalette, area: QRectF) -> bytes:
    scale = min(_SCALE, _MAX_SIDE / max(area.width(), area.height()))
    image = QImage((area.size() * scale).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    with QPainter(image) as painter:
        painter.scale(scale, scale)
        _paint(painter, mirror, palette, area)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def _paint(painter: QPainter, mirror: Mirror, palette: CanvasPalette, area: QRectF) -> None:
    """Paint in full detail, whatever the scale."""
    painter.fillRect(QRectF(0, 0, area.width(), area.height()), palette.background)
    painter.translate(-area.topLeft())
    GraphPainter(mirror, palette).paint(painter, Frame(area, 1.0, vector=True))


def _area(mirror: Mirror) -> QRectF:
    bounds = mirror.bounds()
    return bounds.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN) if not bounds.isEmpty() else QRectF(_LEAST)
