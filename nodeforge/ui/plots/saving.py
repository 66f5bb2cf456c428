"""Plots taken away: a picture (PNG or SVG) or the numbers (CSV)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QWidget

from nodeforge.core.errors import UserError
from nodeforge.project.files import write_atomic

PICTURE_SCALE = 2
"""A PNG has this many pixels for each one on the screen, so that it prints well."""


def save_picture(widget: QWidget, path: Path) -> None:
    """Write what a plot shows as PNG, or as SVG when the file is named so.

    Raises:
        UserError: The file cannot be written.
    """
    if path.suffix.lower() == ".svg":
        _save_svg(widget, path)
    elif not picture_of(widget).save(str(path), "PNG"):
        raise UserError(f"{path} cannot be written. Choose a folder where you may write.")


def picture_of(widget: QWidget) -> QPixmap:
    """What a plot shows, at print resolution."""
    pixmap = QPixmap(widget.size() * PICTURE_SCALE)
    pixmap.setDevicePixelRatio(PICTURE_SCALE)
    pixmap.fill(Qt.GlobalColor.transparent)
    widget.render(pixmap)
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


def _save_svg(widget: QWidget, path: Path) -> None:
    generator = QSvgGenerator()
    generator.setFileName(str(path))
    generator.setSize(QSize(widget.size()))
    generator.setViewBox(widget.rect())
    painter = QPainter()
    if not painter.begin(generator):
        raise UserError(f"{path} cannot be written. Choose a folder where you may write.")
    painter.fillRect(widget.rect(), widget.palette().base())
    if isinstance(widget, QGraphicsView):
        widget.render(painter, widget.rect().toRectF(), widget.viewport().rect())
    else:
        widget.render(painter, QPoint())
    painter.end()
