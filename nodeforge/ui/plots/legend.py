"""The key to all plots: whose colour is whose, and what lines and dots mean."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from nodeforge.ui.plots.style import PlotStyle

SAMPLE_WIDTH = 22
GAP = 14

Entry = tuple[str, int | None, bool]
"""Name, place of its colour (None: no run's own), whether dotted."""


class Legend(QWidget):
    """A row of samples with their names."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_entries(self, entries: list[Entry]) -> None:
        """Show these entries; their names stand in the tool tip too, for when there is no room."""
        if entries != self.entries:
            self.entries = entries
            names = ", ".join(name for name, _, _ in entries)
            self.setToolTip(names)
            self.setAccessibleName(f"Legend: {names}" if names else "Legend")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = PlotStyle.of(self.palette())
        x, middle, metrics = 2.0, self.height() / 2, self.fontMetrics()
        for name, place, dotted in self.entries:
            color = style.muted if place is None else style.color(place)
            painter.setPen(QPen(color, 2))
            painter.drawLine(QPointF(x, middle), QPointF(x + SAMPLE_WIDTH, middle))
            if dotted:
                painter.setBrush(color)
                painter.drawEllipse(QPointF(x + SAMPLE_WIDTH / 2, middle), 2.5, 2.5)
            x += SAMPLE_WIDTH + 5
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, max(0, self.width() - round(x)))
            painter.setPen(style.text)
            painter.drawText(
                QRectF(x, 0, self.width() - x, self.height()), Qt.AlignmentFlag.AlignVCenter, text
            )
            x += metrics.horizontalAdvance(name) + GAP
            if x > self.width():
                break
