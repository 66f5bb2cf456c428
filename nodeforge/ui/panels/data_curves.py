"""Sequences side by side, each a small plot of its quantities."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from nodeforge.engine.messages import Curves
from nodeforge.ui.plots.style import PlotStyle

CELL_WIDTH = 150
CELL_HEIGHT = 84
GAP = 8


class CurveGrid(QWidget):
    """Samples in a grid on one common scale; as high as it takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: list[Curves] = []
        self._low, self._high, self._longest = 0.0, 1.0, 1
        self.setAccessibleName("First training sequences")

    def set_samples(self, samples: Sequence[Curves]) -> None:
        self._samples = list(samples)
        values = [value for sample in samples for curve in sample.curves for value in curve if value == value]
        self._low, self._high = min(values, default=0.0), max(values, default=1.0)
        self._longest = max((len(curve) for sample in samples for curve in sample.curves), default=1)
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _columns(self) -> int:
        return max(1, (self.width() - GAP) // (CELL_WIDTH + GAP))

    def _step(self) -> int:
        return CELL_HEIGHT + self.fontMetrics().height() + GAP

    def _fit(self) -> None:
        rows = -(-len(self._samples) // self._columns())
        self.setMinimumHeight(GAP + rows * self._step())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style, columns, step = PlotStyle.of(self.palette()), self._columns(), self._step()
        wide = (self.width() - GAP) / columns - GAP
        for index, sample in enumerate(self._samples):
            left, top = GAP + index % columns * (wide + GAP), GAP + index // columns * step
            if not event.rect().intersects(QRect(round(left), top, round(wide), step)):
                continue
            area = QRectF(left, top, wide, CELL_HEIGHT)
            painter.setPen(style.grid)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)
            for place, curve in enumerate(sample.curves):
                painter.setPen(QPen(style.color(place), 1.2))
                painter.drawPolyline(self._line(curve, area.adjusted(3, 3, -3, -3)))
            painter.setPen(style.muted)
            below = QRectF(left, area.bottom(), wide, self.fontMetrics().height() + 2)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, sample.label)

    def _line(self, curve: Sequence[float], area: QRectF) -> QPolygonF:
        height, width = (self._high - self._low) or 1.0, max(1, self._longest - 1)
        return QPolygonF(
            [
                QPointF(
                    area.left() + step / width * area.width(),
                    area.bottom() - (value - self._low) / height * area.height(),
                )
                for step, value in enumerate(curve)
                if value == value  # a gap
            ]
        )
