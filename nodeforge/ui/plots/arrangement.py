"""How the plots share the room: one row in a low panel, a grid in a high one, or one plot alone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

GAP = 6
LEAST_WIDTH, LEAST_HEIGHT = 190, 170
HEIGHT_FOR_TWO_ROWS = 480


class Arrangement(QWidget):
    """Lays out main plots and, stacked beside or below them, side plots at half their size."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.main: list[QWidget] = []
        self._side: list[QWidget] = []
        self._alone: QWidget | None = None

    def set_plots(self, main: Sequence[QWidget], side: Sequence[QWidget]) -> None:
        """Show these; they become children of this widget."""
        self.main, self._side = list(main), list(side)
        for plot in (*main, *side):
            plot.setParent(self)
        self.arrange()

    @property
    def alone(self) -> QWidget | None:
        """The plot that has all the room, if one has."""
        return self._alone

    def toggle_alone(self, plot: QWidget) -> None:
        """Give one plot all the room, or all plots their share again."""
        self._alone = None if self._alone is plot else plot
        self.arrange()

    def needed_height(self, width: int) -> int:
        """Least height at which every plot is readable."""
        if self._alone is not None:
            return LEAST_HEIGHT
        rows = max(1, len(self._cells(QSize(width, 0))))
        return rows * LEAST_HEIGHT + (rows - 1) * GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.arrange()

    def arrange(self) -> None:
        """Place the plots in the room there is."""
        for plot in (*self.main, *self._side):
            plot.setVisible(self._alone in (None, plot))
        if self._alone is not None:
            self._alone.setGeometry(self.rect())
            return
        rows = self._cells(self.size())
        top = 0
        for index, row in enumerate(rows):
            height = (self.height() - top - GAP * (len(rows) - 1 - index)) // (len(rows) - index)
            left = 0
            for place, cell in enumerate(row):
                width = (self.width() - left - GAP * (len(row) - 1 - place)) // (len(row) - place)
                _stack(cell, QRect(left, top, width, height))
                left += width + GAP
            top += height + GAP

    def _cells(self, size: QSize) -> list[list[list[QWidget]]]:
        """Rows of cells; a cell holds one main plot, or all side plots one above the other."""
        cells = [[plot] for plot in self.main] + ([self._side] if self._side else [])
        if not cells:
            return []
        columns = max(1, min(len(cells), (size.width() + GAP) // (LEAST_WIDTH + GAP)))
        if size.height() >= HEIGHT_FOR_TWO_ROWS:
            columns = min(columns, -(-len(cells) // 2))
        rows = -(-len(cells) // columns)
        even = -(-len(cells) // rows)
        return [cells[start : start + even] for start in range(0, len(cells), even)]


def _stack(widgets: Sequence[QWidget], room: QRect) -> None:
    top = room.top()
    for index, widget in enumerate(widgets):
        height = (room.bottom() + 1 - top - GAP * (len(widgets) - 1 - index)) // (len(widgets) - index)
        widget.setGeometry(room.left(), top, room.width(), height)
        top += height + GAP
