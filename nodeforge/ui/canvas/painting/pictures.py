"""A drawing as a picture for a paper: SVG, PDF or PNG, in the colours and with the details that were chosen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtSvg import QSvgGenerator

from nodeforge.core.document import Document
from nodeforge.core.edits import Batch, RemoveNode, apply
from nodeforge.core.errors import UserError
from nodeforge.core.graph import Graph
from nodeforge.project import files
from nodeforge.ui.canvas import style
from nodeforge.ui.canvas.framing import frames
from nodeforge.ui.canvas.geometry.anatomy import manners_of
from nodeforge.ui.canvas.geometry.mirror import Mirror
from nodeforge.ui.canvas.painting import batches
from nodeforge.ui.canvas.painting.frame_painter import FramePainter
from nodeforge.ui.canvas.painting.heat import Heat
from nodeforge.ui.canvas.painting.outlines import OutlinedFrames, Outliner
from nodeforge.ui.canvas.painting.painter import GraphPainter
from nodeforge.ui.canvas.painting.wire_painter import Frame
from nodeforge.ui.canvas.style import CanvasPalette
from nodeforge.ui.project_model import ProjectModel

MAX_SIDE = 16_000
"""Pixels; most programs refuse larger pictures."""
_MARGINS = QMarginsF(12, 12, 12, 22)
"""Room around the outermost nodes; texts stand below them."""
_LEAST = QRectF(0, 0, 400, 240)
_POINTS = 0.75
"""A canvas unit in points: it is a pixel on a screen of 96 dots an inch."""
_PDF_DPI = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureOptions:
    """How a picture is to look.

    Attributes:
        dark: Whether in the colours of the dark theme.
        transparent: Whether without a ground.
        shapes: Whether wires carry the shapes of what flows.
        grid: Whether the ground is dotted.
        badges: Whether faults are marked.
        scale: Pixels for each canvas unit, for PNG.
    """

    dark: bool = False
    transparent: bool = False
    shapes: bool = True
    grid: bool = False
    badges: bool = False
    scale: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is in a picture.

    Attributes:
        mirror: The nodes and wires.
        title: What it is called in the file.
        heat: By what nodes are coloured.
    """

    mirror: Mirror
    title: str
    heat: Mapping[str, Heat] = field(default_factory=dict)


def subject_of(
    model: ProjectModel,
    options: PictureOptions,
    only: Collection[str] = (),
    heat: Mapping[str, Heat] | None = None,
) -> Subject:
    """The shown network, or only some of its nodes with the wires between them and the frames around them."""
    graph = _part(model.graph, only) if only else model.graph
    mirror = Mirror(graph, model.kinds)
    report = model.report if options.badges else replace(model.report, diagnostics=())
    mirror.take_report(graph.name, report, model.place.report(model.report))
    if model.network == model.document.main:
        mirror.follow_manners(manners_of(model.document.recipe))
    title = model.document.title if model.network == model.document.main else model.network
    return Subject(mirror=mirror, title=title, heat=heat or {})


def area_of(subject: Subject) -> QRectF:
    """What of the canvas the picture shows."""
    drawn = subject.mirror.bounds().united(frames.bounds(subject.mirror.graph.drawing.frames.values()))
    return drawn.marginsAdded(_MARGINS) if not drawn.isEmpty() else QRectF(_LEAST)


def pixels_of(subject: Subject, options: PictureOptions) -> QSize:
    """The size of the picture as PNG."""
    area = area_of(subject)
    scale = min(options.scale, MAX_SIDE / max(area.width(), area.height()))
    return QSize(max(1, round(area.width() * scale)), max(1, round(area.height() * scale)))


def image_of(subject: Subject, options: PictureOptions, size: QSize) -> QImage:
    """The picture in pixels."""
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    area = area_of(subject)
    with QPainter(image) as painter:
        painter.scale(size.width() / area.width(), size.height() / area.height())
        paint(painter, subject, options)
    return image


def paint(painter: QPainter, subject: Subject, options: PictureOptions) -> None:
    """Paint the picture with its upper left corner at the origin, in canvas units, in full detail."""
    area, palette = area_of(subject), _palette(options)
    frame = Frame([area], 1.0, vector=True, shapes=options.shapes)
    if not options.transparent:
        painter.fillRect(QRectF(0, 0, area.width(), area.height()), palette.background)
    painter.translate(-area.topLeft())
    if options.grid:
        _draw_grid(painter, area, palette.grid)
    layer = OutlinedFrames() if isinstance(painter, Outliner) else FramePainter()
    layer.paint(painter, subject.mirror.graph.drawing.frames, [area], 1.0, palette)
    graph = GraphPainter(subject.mirror, palette)
    graph.heat = subject.heat
    graph.paint(painter, frame)


def _draw_grid(painter: QPainter, area: QRectF, color: QColor) -> None:
    """Dots that are enlarged with the picture."""
    across, down = (
        np.arange(np.ceil(start / style.GRID), stop / style.GRID) * style.GRID
        for start, stop in ((area.left(), area.right()), (area.top(), area.bottom()))
    )
    painter.setPen(QPen(color, 1.6, c=Qt.PenCapStyle.RoundCap))
    batches.draw_points(painter, np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2))


def write(subject: Subject, options: PictureOptions, path: Path) -> None:
    """Write the picture as SVG, PDF or PNG, by the name's ending.

    Raises:
        UserError: The file cannot be written, or its ending is another.
    """
    make = _FORMATS.get(path.suffix.lower())
    if make is None:
        raise UserError(
            f"{path.name}: a picture is written as .svg, .pdf or .png; give the file one of these endings."
        )
    files.write_atomic(path, make(subject, options))


def _svg(subject: Subject, options: PictureOptions) -> bytes:
    """Letters as shapes: the picture looks the same wherever it is opened."""
    area, buffer = area_of(subject), QBuffer()
    target = QSvgGenerator()
    target.setOutputDevice(buffer)
    target.setResolution(96)
    target.setSize(QSize(round(area.width()), round(area.height())))
    target.setViewBox(QRectF(0, 0, area.width(), area.height()))
    target.setTitle(subject.title)
    target.setDescription(", ".join(subject.mirror.graph.nodes))
    with Outliner(target) as painter:
        paint(painter, subject, options)
    return bytes(buffer.data().data())


def _pdf(subject: Subject, options: PictureOptions) -> bytes:
    """Letters as text in embedded fonts, so that they can be searched and copied."""
    area, buffer = area_of(subject), QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    target = QPdfWriter(buffer)
    target.setResolution(_PDF_DPI)
    size = QSizeF(area.width() * _POINTS, area.height() * _POINTS)
    target.setPageSize(QPageSize(size, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch))
    target.setPageMargins(QMarginsF())
    target.setTitle(subject.title)
    target.setCreator("NodeForge")
    with QPainter(target) as painter:
        scale = _PDF_DPI / 96
        painter.scale(scale, scale)
        paint(painter, subject, options)
    return bytes(buffer.data().data())


def _png(subject: Subject, options: PictureOptions) -> bytes:
    image = image_of(subject, options, pixels_of(subject, options))
    dots = round(96 * options.scale / 0.0254)  # so that it is as large on paper as the others
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


_FORMATS: Mapping[str, Callable[[Subject, PictureOptions], bytes]] = {
    ".svg": _svg,
    ".pdf": _pdf,
    ".png": _png,
}


def _palette(options: PictureOptions) -> CanvasPalette:
    """The colours of a theme for print: no shadows, and white paper where it is light."""
    palette = replace(style.palette_for(options.dark), shadow=QColor(Qt.GlobalColor.transparent))
    if not options.dark:
        white = QColor(Qt.GlobalColor.white)
        palette = replace(palette, background=white, label=QColor(255, 255, 255, 150))
    return replace(palette, label=QColor(Qt.GlobalColor.transparent)) if options.transparent else palette


def _part(graph: Graph, names: Collection[str]) -> Graph:
    """Some nodes of a network, the wires between them, and the frames that hold only such nodes."""
    alone = Document(networks={graph.name: graph.copy()}, main=graph.name)
    apply(alone, Batch(tuple(RemoveNode(graph.name, name) for name in graph.nodes if name not in names)))
    part = alone.main_network
    middles = {
        name: (node.position[0] + style.NODE_WIDTH / 2, node.position[1] + style.NODE_HEIGHT / 2)
        for name, node in graph.nodes.items()
    }
    for name, frame in graph.drawing.frames.items():
        held = {node for node, middle in middles.items() if frame.holds(middle)}
        if not held or held - part.nodes.keys():
            del part.drawing.frames[name]
    return part
