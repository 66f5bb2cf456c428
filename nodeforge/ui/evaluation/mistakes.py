"""The worst mistakes: samples side by side; the chosen one is told in full."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QLabel, QListView, QListWidget, QListWidgetItem, QSplitter, QVBoxLayout, QWidget

from nodeforge.engine.messages import Mistake, Picture
from nodeforge.ui.panels.data_preview import scrolling
from nodeforge.ui.panels.data_sketches import image_of
from nodeforge.ui.plots.style import PlotStyle

TILE_PX = 56
LARGE_PX = 132
PAIRED_PX = 84
GAP_PX = 6
LETTERS = 90


class MistakeView(QSplitter):
    """A list of samples, and what was made of the one that is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._mistakes: list[Mistake] = []
        self._split = ""
        self.samples = QListWidget()
        self.samples.setAccessibleName("Samples that are told wrong, the worst first")
        self.samples.setFrameShape(QListWidget.Shape.NoFrame)
        self.samples.setMovement(QListView.Movement.Static)
        self.samples.setResizeMode(QListView.ResizeMode.Adjust)
        self.samples.setWordWrap(True)
        self.samples.currentRowChanged.connect(self._tell)
        self._large = QLabel()
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        about = QWidget()
        column = QVBoxLayout(about)
        column.setContentsMargins(8, 4, 8, 4)
        column.addWidget(self._large)
        column.addWidget(self._words)
        column.addStretch()
        self.addWidget(self.samples)
        self.addWidget(scrolling(about))
        self.setStretchFactor(0, 3)
        self.setStretchFactor(1, 2)
        self.setSizes([420, 240])
        self.setChildrenCollapsible(False)

    def set_mistakes(self, mistakes: Sequence[Mistake], split: str) -> None:
        """Show these; the first is told."""
        self._mistakes, self._split = list(mistakes), split
        drawn = any(one.picture or one.curves for one in self._mistakes)
        self.samples.clear()
        self.samples.setViewMode(QListView.ViewMode.IconMode if drawn else QListView.ViewMode.ListMode)
        self.samples.setSpacing(4 if drawn else 1)
        self.samples.setWrapping(drawn)
        sketches = [self._sketch(one, TILE_PX) for one in self._mistakes]
        self.samples.setIconSize(QSize(max((one.width() for one in sketches), default=TILE_PX), TILE_PX))
        for one, sketch in zip(self._mistakes, sketches, strict=True):
            item = QListWidgetItem(_caption(one, drawn=drawn))
            if drawn:
                item.setIcon(QIcon(sketch))
            item.setToolTip(f"truth: {one.truth}, prediction: {one.prediction}")
            self.samples.addItem(item)
        if self._mistakes:
            self.samples.setCurrentRow(0)

    def _tell(self, row: int) -> None:
        if not 0 <= row < len(self._mistakes):
            self._large.clear()
            self._words.clear()
            return
        one = self._mistakes[row]
        sketch = self._sketch(one, LARGE_PX if one.answer is None else PAIRED_PX)
        self._large.setVisible(not sketch.isNull())
        self._large.setPixmap(sketch)
        self._words.setText(_in_full(one, self._split))

    def _sketch(self, one: Mistake, size: int) -> QPixmap:
        """The sample and, where one was made of it, the picture beside it; a curve; null for others."""
        if one.picture is not None:
            pictures = [_scaled(shown, size) for shown in (one.picture, one.answer) if shown is not None]
            return _side_by_side(pictures)
        if one.curves:
            return _curves(one.curves, QSize(size * 3 // 2, size), PlotStyle.of(self.palette()))
        return QPixmap()


def _caption(one: Mistake, *, drawn: bool) -> str:
    if one.answer is not None:
        return one.prediction
    words = f"{one.truth} → {one.prediction}"
    if drawn:
        return words
    text = one.text or ", ".join(f"{name} {value}" for name, value in one.values)
    return f"{words}:  {text[:LETTERS]}{'…' if len(text) > LETTERS else ''}".replace("\n", " ")


def _in_full(one: Mistake, split: str) -> str:
    lines = [f"<p>Sample {one.place + 1:,} of the {html.escape(split)} data</p>"]
    if one.answer is None:
        truth, prediction = html.escape(one.truth), html.escape(one.prediction)
        lines.append(f"<p>truth <b>{truth}</b>, prediction <b>{prediction}</b></p>")
    else:
        lines.append(f"<p>left the sample, right what was made of it: {html.escape(one.prediction)}</p>")
    if one.text:
        lines.append(f"<p>{html.escape(one.text)}</p>")
    for rows in (one.scores, one.values):
        cells = "".join(
            f"<tr><td>{html.escape(name)}&nbsp;&nbsp;</td><td align='right'>{html.escape(value)}</td></tr>"
            for name, value in rows
        )
        lines.append(f"<table cellspacing='0' cellpadding='1'>{cells}</table>" if cells else "")
    return "".join(lines)


def _scaled(picture: Picture, size: int) -> QPixmap:
    """Enlarged so that its pixels can be seen."""
    image = image_of(picture)
    smooth = Qt.TransformationMode.SmoothTransformation
    mode = smooth if max(image.width(), image.height()) > size else Qt.TransformationMode.FastTransformation
    return QPixmap.fromImage(image.scaled(size, size, Qt.AspectRatioMode.KeepAspectRatio, mode))


def _side_by_side(pictures: Sequence[QPixmap]) -> QPixmap:
    width = sum(picture.width() for picture in pictures) + GAP_PX * (len(pictures) - 1)
    whole = QPixmap(width, max(picture.height() for picture in pictures))
    whole.fill(QColor(0, 0, 0, 0))
    painter = QPainter(whole)
    x = 0
    for picture in pictures:
        painter.drawPixmap(x, 0, picture)
        x += picture.width() + GAP_PX
    painter.end()
    return whole


def _curves(curves: Sequence[Sequence[float]], size: QSize, style: PlotStyle) -> QPixmap:
    whole = QPixmap(size)
    whole.fill(style.background)
    values = [value for curve in curves for value in curve]
    low, high = min(values, default=0.0), max(values, default=1.0)
    painter = QPainter(whole)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(style.grid)
    painter.drawRect(QRectF(0.5, 0.5, size.width() - 1, size.height() - 1))
    for place, curve in enumerate(curves):
        painter.setPen(QPen(style.color(place), 1.2))
        last = max(1, len(curve) - 1)
        painter.drawPolyline(
            QPolygonF(
                [
                    QPointF(
                        3 + at / last * (size.width() - 6),
                        size.height() - 3 - (value - low) / ((high - low) or 1.0) * (size.height() - 6),
                    )
                    for at, value in enumerate(curve)
                ]
            )
        )
    painter.end()
    return whole
