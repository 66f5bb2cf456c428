"""Plots taken away: a picture (PNG or SVG) or the numbers (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QPoint, QSize
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from nodeforge.project.files import write_atomic

PICTURE_SCALE = 2
"""A PNG has this many pixels for each one on the screen, so that it prints well."""


def save_picture(widget: QWidget, path: Path) -> None:
    """Write what a plot shows as PNG, or as SVG when the file is named so.

    Raises:
        UserError: The file cannot be written.
    """
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    if path.suffix.lower() == ".svg":
        _draw_svg(widget, buffer)
    else:
        picture_of(widget).save(buffer, "PNG")
    write_atomic(path, bytes(buffer.data().data()))


def picture_of(widget: QWidget) -> QPixmap:
    """What a plot shows, at print resolution."""
    pixmap = QPixmap(widget.size() * PICTURE_SCALE)
    pixmap.setDevicePixelRatio(PICTURE_SCALE)
    pixmap.fill(widget.palette().base().color())
    painter = QPainter(pixmap)
    _render(widget, painter)
    painter.end()
    return pixmap


def save_table(header: Sequence[str], rows: Iterable[Sequence[object]], path: Path) -> None:
    """Write numbers as CSV.

    Raises:
        UserError: The file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    write_atomic(path, text.getvalue().encode("utf-8"))


def _draw_svg(widget: QWidget, buffer: QBuffer) -> None:
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(widget.size()))
    generator.setViewBox(widget.rect())
    painter = QPainter(generator)
    painter.fillRect(widget.rect(), widget.palette().base())
    _render(widget, painter)
    painter.end()


def _render(widget: QWidget, painter: QPainter) -> None:
    if isinstance(widget, QGraphicsView):
        widget.render(painter, widget.rect().toRectF(), widget.viewport().rect())
    else:
        widget.render(painter, QPoint())
