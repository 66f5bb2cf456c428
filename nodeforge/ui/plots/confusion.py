"""The confusion matrix, painted whole by one widget."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from nodeforge.ui.plots.card import PlotCard, Table
from nodeforge.ui.plots.style import PlotStyle, mix

LEAST_CELL_FOR_NUMBERS_PX = 15.0


class ConfusionMatrix(QWidget):
    """True classes down, predicted classes across; a cell is as dark as its share of its row.

    Signals:
        pointed: (true class, predicted class) under the pointer; (-1, -1) for none.
    """

    pointed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts = np.zeros((0, 0), np.int64)
        self.classes: list[str] = []
        self._style = PlotStyle.of(self.palette())
        self._hovered = (-1, -1)
        self.setMouseTracking(True)

    def set_data(self, classes: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Show these counts; rows are true classes."""
        self.classes, self.counts = list(classes), np.asarray(counts, np.int64)
        self.update()

    def restyle(self, style: PlotStyle) -> None:
        self._style = style
        self.update()

    def cell(self, row: int, column: int) -> QRectF:
        """Where a cell is painted."""
        grid, size = self._grid()
        return self._rect(grid, size, row, column)

    @staticmethod
    def _rect(grid: QRectF, size: float, row: int, column: int) -> QRectF:
        return QRectF(grid.x() + column * size, grid.y() + row * size, size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        count = len(self.counts)
        if not count:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._style.background)
        grid, size = self._grid()
        self._paint_cells(painter, grid, size)
        self._paint_names(painter, grid, size)
        if self._hovered[0] >= 0:
            painter.setPen(self._style.text)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.cell(*self._hovered).adjusted(0, 0, -1, -1))

    def _paint_cells(self, painter: QPainter, grid: QRectF, size: float) -> None:
        """Fill the grid as if it were empty, draw the lines between cells, then the cells that hold something."""
        count, gap = len(self.counts), 1.0 if size >= 8 else 0.0
        painter.fillRect(grid, mix(self._style.background, self._style.text, 0.04))
        if gap:
            painter.setPen(self._style.background)
            places = [(index + 1) * size - gap / 2 for index in range(count)]
            rows = [QLineF(grid.x(), grid.y() + at, grid.right(), grid.y() + at) for at in places]
            columns = [QLineF(grid.x() + at, grid.y(), grid.x() + at, grid.bottom()) for at in places]
            painter.drawLines(rows + columns)
        shares = self.counts / np.maximum(1, self.counts.sum(axis=1, keepdims=True))
        font = self.font()
        font.setPixelSize(max(8, min(13, int(size * 0.42))))
        painter.setFont(font)
        numbers = size >= LEAST_CELL_FOR_NUMBERS_PX and self._fits(painter.fontMetrics(), size)
        for row, column in np.argwhere(self.counts).tolist():
            rect = self._rect(grid, size, row, column).adjusted(0, 0, -gap, -gap)
            fill = self._cell_color(float(shares[row, column]), row == column)
            painter.fillRect(rect, fill)
            if numbers:
                painter.setPen(_readable_on(fill))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(int(self.counts[row, column])))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover((-1, -1))

    def _hover(self, cell: tuple[int, int]) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.pointed.emit(*cell)
            self.update()

    def _cell_at(self, position: QPointF) -> tuple[int, int]:
        grid, size = self._grid()
        if not size or not grid.contains(position):
            return -1, -1
        last = len(self.counts) - 1
        return (
            min(last, int((position.y() - grid.y()) / size)),
            min(last, int((position.x() - grid.x()) / size)),
        )

    def _grid(self) -> tuple[QRectF, float]:
        """The square of cells and the side of one, after room for names and axis titles."""
        line = QFontMetricsF(self._name_font()).height()
        left, top = self._name_width() + line + 8, 2 * line + 4
        side = max(0.0, min(self.width() - left - 6, self.height() - top - 4))
        count = len(self.counts)
        spare = max(0.0, (self.width() - left - 6 - side) / 2)
        return QRectF(left + spare, top, side, side), side / count if count else 0.0

    def _name_width(self) -> float:
        metrics = QFontMetricsF(self._name_font())
        widest = max((metrics.horizontalAdvance(name) for name in self.classes), default=0.0)
        return min(widest, self.width() * 0.28)

    def _name_font(self) -> QFont:
        font = self.font()
        font.setPixelSize(11)
        return font

    def _fits(self, metrics: QFontMetrics, size: float) -> bool:
        return bool(metrics.horizontalAdvance(str(int(self.counts.max()))) <= size - 2)

    def _cell_color(self, share: float, right: bool) -> QColor:
        target = self._style.color(0 if right else 1)
        return mix(self._style.background, target, 0.15 + 0.85 * share**0.6)

    def _paint_names(self, painter: QPainter, grid: QRectF, size: float) -> None:
        painter.setFont(self._name_font())
        metrics = QFontMetricsF(painter.font())
        line, width = metrics.height(), self._name_width()
        painter.setPen(self._style.muted)
        painter.drawText(
            QRectF(grid.x(), grid.y() - 2 * line - 2, grid.width(), line),
            Qt.AlignmentFlag.AlignCenter,
            "predicted",
        )
        painter.save()
        painter.translate(grid.x() - width - line - 4, grid.bottom())
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, grid.height(), line), Qt.AlignmentFlag.AlignCenter, "true")
        painter.restore()
        painter.setPen(self._style.text)
        every = max(1, int(-(-line // size))) if size else 1
        across = (
            max(1, int(-(-(max(map(metrics.horizontalAdvance, self.classes), default=0) + 4) // size)))
            if size
            else 1
        )
        across = 1 if across > 1 and size >= 26 else across
        for index, name in enumerate(self.classes[: len(self.counts)]):
            if index % every == 0:
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, width)
                rect = QRectF(
                    grid.x() - width - 4, grid.y() + index * size + size / 2 - line / 2, width, line
                )
                painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            if index % across == 0:
                room = max(size * across - 2, 8)
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
                rect = QRectF(grid.x() + index * size + size / 2 - room / 2, grid.y() - line - 1, room, line)
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class ConfusionCard(PlotCard):
    """The confusion matrix of the last validated epoch."""

    def __init__(self, empty_text: str, parent: QWidget | None = None) -> None:
        self.matrix = ConfusionMatrix()
        self._pending: tuple[Sequence[str], Sequence[Sequence[int]]] = ([], [])
        self._caption = ""
        super().__init__("Confusion", empty_text, self.matrix, parent)
        self.matrix.pointed.connect(self._describe)

    def set_data(self, classes: Sequence[str], counts: Sequence[Sequence[int]], caption: str) -> None:
        """Show these counts at the next refresh; the caption says whose they are."""
        self._pending, self._caption = (classes, counts), caption
        self.dirty = True

    def refresh(self) -> None:
        self.dirty = False
        classes, counts = self._pending
        self.show_body(bool(counts))
        if counts:
            self.matrix.set_data(classes, counts)
            self._describe(-1, -1)

    def table(self) -> Table:
        classes, counts = self._pending
        return ["true \\ predicted", *classes], (
            [name, *row] for name, row in zip(classes, counts, strict=True)
        )

    def restyle(self, style: PlotStyle) -> None:
        self.matrix.restyle(style)

    def _describe(self, row: int, column: int) -> None:
        if row < 0:
            self.readout.setText(html.escape(self._caption))
            return
        classes, count = self.matrix.classes, int(self.matrix.counts[row, column])
        share = count / max(1, int(self.matrix.counts[row].sum()))
        true, predicted = html.escape(classes[row]), html.escape(classes[column])
        self.readout.setText(f"true <b>{true}</b>, predicted <b>{predicted}</b>: {count} ({share:.1%})")


def _readable_on(fill: QColor) -> QColor:
    luminance = 0.299 * fill.redF() + 0.587 * fill.greenF() + 0.114 * fill.blueF()
    return QColor("#101418" if luminance > 0.55 else "#ffffff")
